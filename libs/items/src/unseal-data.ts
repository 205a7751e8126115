import { type RequestContext, besides, requireEveryBox } from '#access';
import type { AuditEvent, Queries, Statement } from '#audit';
import type { Database } from '#database';
import { EnvelopeError, type KeyBytes, openToken, readTokenHeader } from '#envelope';
import { KeyStrategyError, type KeyStrategyErrorCode } from '#key-strategies';
import { type DataKeys, type KeyUse, type StoredDataKey, VAULT_STATE_COLUMNS, VaultError, type VaultState, permit } from '#vaults';
import { mapAtMost } from './map-at-most.js';
import { failureDetails } from './failure-details.js';
import { type Payload, decodePayload } from './payload.js';

/** Half of what a vault key may be asked at once: one large batch leaves room for other requests, and never finds the queue full. */
const DATA_KEYS_AT_ONCE = 4;

const FIND_DATA_KEYS: Statement = {
  name: 'data-keys-find',
  text: `SELECT d.data_key_id, d.vault_key_id, d.wrapped, d.mac, ${VAULT_STATE_COLUMNS} FROM data_keys d
    JOIN vaults v ON v.workspace_id = d.workspace_id AND v.vault_id = d.vault_id
    LEFT JOIN vault_keys k ON k.workspace_id = d.workspace_id AND k.vault_id = d.vault_id AND k.vault_key_id = d.vault_key_id
    WHERE d.workspace_id = $1 AND d.data_key_id = ANY ($2::uuid[])`,
};

/** Of a vault key that said no, or nothing: it is not asked again for the other data keys of the batch. */
type VaultFailures = Map<string, KeyStrategyError>;
const STOPS: ReadonlySet<KeyStrategyErrorCode> = new Set(['refused', 'pending_deletion', 'unreachable']);

export interface DataToUnseal {
  context: string;
  /** Compact JWE, as it was sealed here. */
  sealed: string;
}

/** Per entry, in the order of the request. */
export type UnsealedData = { payload: Payload } | { error: unknown };

interface Entry extends DataToUnseal {
  place: number;
  vaultId: string;
}

interface Outcome {
  entry: { place: number; context: string; vaultId?: string };
  result: UnsealedData;
  used: Partial<KeyUse>;
}

type DataKeyRow = VaultState & Pick<StoredDataKey, 'wrapped' | 'mac'> & { data_key_id: string; vault_key_id: string };

/** Opens what callers kept themselves. All events are committed before the first payload is answered. */
export class UnsealData {
  constructor(
    private readonly database: Database,
    private readonly dataKeys: DataKeys,
  ) {}

  async run(ctx: RequestContext, data: readonly DataToUnseal[]): Promise<UnsealedData[]> {
    requireEveryBox(ctx);
    const { groups, outcomes: malformed } = groupByDataKey(data);
    const rows = await this.database.read(ctx, (tx) => findDataKeys(tx, [...groups.keys()]));
    const failures: VaultFailures = new Map();
    const opened = await mapAtMost(DATA_KEYS_AT_ONCE, [...groups], ([dataKeyId, entries]) =>
      this.#openGroup(ctx, rows.get(dataKeyId), entries, failures),
    );
    const outcomes = [...malformed, ...opened.flat()].sort((a, b) => a.entry.place - b.entry.place);
    const [first, ...others] = outcomes.map(asEvent);
    if (first) await this.database.act(besides(ctx), () => ({ result: null, event: [first, ...others] }));
    return outcomes.map(({ result }) => result);
  }

  /** All entries under one data key; whatever stands against the key stands against each of them. */
  async #openGroup(
    ctx: RequestContext,
    row: DataKeyRow | undefined,
    entries: readonly Entry[],
    failures: VaultFailures,
  ): Promise<Outcome[]> {
    try {
      if (!row) throw new EnvelopeError('not_intact');
      permit('unseal', row);
      const { vault_id: vaultId, data_key_id: dataKeyId, vault_key_id: vaultKeyId, wrapped, mac } = row;
      const intent = () => {
        throwIfAny(failures.get(vaultId));
        return this.#recordIntent(ctx, vaultId, dataKeyId, entries.length);
      };
      return await this.dataKeys.forOpening(ctx, row, { vaultId, dataKeyId, vaultKeyId, wrapped, mac }, intent, (key, used) =>
        entries.map((entry) => ({ entry, used, result: open(ctx.workspaceId, vaultId, key, entry) })),
      );
    } catch (error) {
      if (!isVerdict(error)) throw error;
      if (row && error instanceof KeyStrategyError && STOPS.has(error.code)) failures.set(row.vault_id, withoutCalls(error));
      const calls = error instanceof KeyStrategyError ? (error.facts.calls ?? []) : [];
      return entries.map((entry) => ({ entry, used: { calls }, result: { error } }));
    }
  }

  async #recordIntent(ctx: RequestContext, vaultId: string, dataKeyId: string, entries: number): Promise<void> {
    const event: AuditEvent = { type: 'data.unseal.requested', vaultId, details: { dataKeyId, entries } };
    await this.database.act(besides(ctx), () => ({ result: null, event }));
  }
}

function groupByDataKey(data: readonly DataToUnseal[]): { groups: Map<string, Entry[]>; outcomes: Outcome[] } {
  const groups = new Map<string, Entry[]>();
  const outcomes: Outcome[] = [];
  data.forEach(({ context, sealed }, place) => {
    try {
      const { vaultId, dataKeyId } = readTokenHeader(sealed);
      const group = groups.get(dataKeyId) ?? [];
      group.push({ context, sealed, place, vaultId });
      groups.set(dataKeyId, group);
    } catch (error) {
      if (!(error instanceof EnvelopeError)) throw error;
      outcomes.push({ entry: { place, context }, used: {}, result: { error } });
    }
  });
  return { groups, outcomes };
}

async function findDataKeys(tx: Queries, ids: readonly string[]): Promise<Map<string, DataKeyRow>> {
  const rows = ids.length > 0 ? await tx.query<DataKeyRow>(FIND_DATA_KEYS, [ids]) : [];
  return new Map(rows.map((row) => [row.data_key_id, row]));
}

function open(workspaceId: string, vaultId: string, key: KeyBytes, entry: Entry): UnsealedData {
  try {
    if (entry.vaultId !== vaultId) throw new EnvelopeError('not_intact');
    return { payload: decodePayload(openToken(entry.sealed, key, { workspaceId, context: entry.context })) };
  } catch (error) {
    if (!(error instanceof EnvelopeError)) throw error;
    return { error };
  }
}

function throwIfAny(error: Error | undefined): void {
  if (error) throw error;
}

/** For entries that stand under the same word, but made no request of their own. */
function withoutCalls({ code, facts }: KeyStrategyError): KeyStrategyError {
  return new KeyStrategyError(code, { ...facts, calls: [] });
}

/** About these entries, and not about the service as a whole. */
function isVerdict(error: unknown): boolean {
  return error instanceof EnvelopeError || error instanceof KeyStrategyError || error instanceof VaultError;
}

function asEvent({ entry, result, used }: Outcome): AuditEvent {
  const about = { ...(entry.vaultId ? { vaultId: entry.vaultId } : {}), ...used };
  if ('payload' in result) return { type: 'data.unsealed', ...about, details: { context: entry.context } };
  return { type: 'data.unseal.refused', ...about, details: { context: entry.context, ...failureDetails(result.error) } };
}
