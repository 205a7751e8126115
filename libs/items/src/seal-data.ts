import { type RequestContext, besides, requireEveryBox } from '#access';
import type { AuditEvent } from '#audit';
import type { Database } from '#database';
import { sealToken } from '#envelope';
import { type DataKeys, type KeyUse, type SealedUnder, VaultError, type VaultState, findVaultState, giveOutDataKey, permit } from '#vaults';
import { ItemError } from './item-error.js';
import { Overtaken, unlessOvertaken } from './overtaken.js';
import { type Payload, encodePayload } from './payload.js';

export interface DataToSeal {
  /** The caller's own name for what this is; must be given again to open it. */
  context: string;
  payload: Payload;
}

/** Per entry, in the order of the request: the compact JWE, or why there is none. */
export type SealedData = { sealed: string } | { error: unknown };

interface Entry {
  context: string;
  plaintext: Buffer;
  place: number;
}

/** Seals for callers that keep what is sealed themselves: nothing is stored but the data key and the events. */
export class SealData {
  constructor(
    private readonly database: Database,
    private readonly dataKeys: DataKeys,
  ) {}

  run(ctx: RequestContext, vaultId: string | undefined, data: readonly DataToSeal[]): Promise<{ vaultId: string; results: SealedData[] }> {
    return unlessOvertaken(() => this.#seal(ctx, vaultId, data));
  }

  async #seal(
    ctx: RequestContext,
    vaultId: string | undefined,
    data: readonly DataToSeal[],
  ): Promise<{ vaultId: string; results: SealedData[] }> {
    requireEveryBox(ctx);
    const vault = await this.database.read(ctx, (tx) => findVaultState(tx, vaultId));
    if (!vault) throw new VaultError('vault_not_found');
    permit('seal', vault);
    const results: SealedData[] = data.map(() => ({ error: new ItemError('payload_too_large') }));
    const entries = encodeThoseThatFit(data);
    try {
      const batches = await this.#sealAll(ctx, vault, entries);
      await this.#record(ctx, vault, entries, batches);
      for (const { result } of batches) for (const { place, sealed } of result) results[place] = { sealed };
      return { vaultId: vault.vault_id, results };
    } finally {
      for (const { plaintext } of entries) plaintext.fill(0);
    }
  }

  /** Under one data key after the other, as many entries as each still takes. */
  async #sealAll(ctx: RequestContext, vault: VaultState, entries: readonly Entry[]): Promise<SealedUnder<SealedEntry[]>[]> {
    const batches: SealedUnder<SealedEntry[]>[] = [];
    for (let done = 0; done < entries.length; ) {
      const rest = entries.slice(done);
      const batch = await this.dataKeys.forSealing(ctx, vault, rest.length, (key, dataKeyId, granted) =>
        rest.slice(0, granted).map(({ context, plaintext, place }) => {
          const binding = { workspaceId: ctx.workspaceId, vaultId: vault.vault_id, dataKeyId, context };
          return { place, context, sealed: sealToken(plaintext, key, binding) };
        }),
      );
      batches.push(batch);
      done += batch.result.length;
    }
    return batches;
  }

  async #record(
    ctx: RequestContext,
    vault: VaultState,
    entries: readonly Entry[],
    batches: readonly SealedUnder<SealedEntry[]>[],
  ): Promise<void> {
    const [first, ...others] = batches.flatMap(({ result, use }) => result.map((entry) => sealedEvent(vault.vault_id, entry, use)));
    if (!first || entries.length === 0) return;
    await this.database.act(besides(ctx), async (tx) => {
      // Always, unlike for items: no foreign key would notice that the key of what callers keep is gone, after a fail-over say.
      const stored = await Promise.all(batches.map(({ dataKey }) => giveOutDataKey(tx, dataKey)));
      if (stored.includes(false)) throw new Overtaken();
      const committed = () => batches.forEach((batch) => batch.committed());
      return { result: null, event: [first, ...others], committed };
    });
  }
}

interface SealedEntry {
  place: number;
  context: string;
  sealed: string;
}

function encodeThoseThatFit(data: readonly DataToSeal[]): Entry[] {
  return data.flatMap(({ context, payload }, place) => {
    try {
      return [{ context, place, plaintext: encodePayload(payload) }];
    } catch (error) {
      if (error instanceof ItemError) return [];
      throw error;
    }
  });
}

function sealedEvent(vaultId: string, { context }: SealedEntry, used: KeyUse): AuditEvent {
  return { type: 'data.sealed', vaultId, ...used, details: { context } };
}
