import type { RequestContext } from '#access';
import type { Queries, Statement } from '#audit';
import type { Database } from '#database';
import { readTokenHeader } from '#envelope';
import { type KeyCall, KeyStrategyError, type KeyStrategyCatalog, type RegionFinding, type VaultKey } from '#key-strategies';
import { type DataKeys, VAULT_STATE_COLUMNS, VaultError, type VaultKeys, type VaultState, permit } from '#vaults';
import { openCanary } from './canary.js';
import type { Look } from './revocation-course.js';

/** As every unseal reads it, with the clock by which events are dated. */
const FIND: Statement = {
  name: 'drill-find-canary',
  text: `SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now, d.data_key_id, d.vault_key_id, d.wrapped, d.mac, ${VAULT_STATE_COLUMNS}
    FROM data_keys d
    JOIN vaults v ON v.workspace_id = d.workspace_id AND v.vault_id = d.vault_id
    JOIN vault_keys k ON k.workspace_id = d.workspace_id AND k.vault_id = d.vault_id AND k.vault_key_id = d.vault_key_id
    WHERE d.workspace_id = $1 AND d.data_key_id = $2`,
};

/** What everybody's unseals leave in the trail. */
const LAST_UNSEAL: Statement = {
  name: 'drill-last-unseal',
  text: `SELECT extract(epoch FROM at)::float8 * 1000 AS at FROM audit_events
    WHERE workspace_id = $1 AND vault_id = $2 AND type IN ('item.unsealed', 'item.exported', 'data.unsealed')
      AND at >= to_timestamp($3::float8 / 1000) AND at < to_timestamp($4::float8 / 1000)
    ORDER BY at DESC LIMIT 1`,
};

type CanaryRow = VaultState & { now: number; data_key_id: string; vault_key_id: string; wrapped: Buffer; mac: Buffer };

/** Unseals the canary by the way that every unseal takes, and asks each Region about its key. */
export class LookAtVault {
  constructor(
    private readonly database: Database,
    private readonly dataKeys: DataKeys,
    private readonly vaultKeys: VaultKeys,
    private readonly strategies: KeyStrategyCatalog,
  ) {}

  async run(ctx: RequestContext, canary: string): Promise<Look & { calls: readonly KeyCall[] }> {
    const { row, key } = await this.database.read(ctx, (tx) => this.#find(tx, ctx, canary));
    const beganAt = performance.now();
    const [{ calls, ...unseal }, regions] = [await this.#unseal(ctx, row, canary), await this.#regions(key)];
    return { from: row.now, at: row.now + performance.now() - beganAt, unseal: unseal.unseal, regions, calls };
  }

  async #find(tx: Queries, { workspaceId }: RequestContext, canary: string): Promise<{ row: CanaryRow; key: VaultKey }> {
    const [row] = await tx.query<CanaryRow>(FIND, [readTokenHeader(canary).dataKeyId]);
    if (!row) throw new Error('the data key of a canary is gone');
    return { row, key: await this.vaultKeys.find(tx, { workspaceId, vaultId: row.vault_id, vaultKeyId: row.vault_key_id }) };
  }

  async #unseal(ctx: RequestContext, row: CanaryRow, canary: string): Promise<{ unseal: Look['unseal']; calls: readonly KeyCall[] }> {
    const { vault_id: vaultId, data_key_id: dataKeyId, vault_key_id: vaultKeyId, wrapped, mac } = row;
    try {
      permit('unseal', row);
      const stored = { vaultId, dataKeyId, vaultKeyId, wrapped, mac };
      // Without an intent on record: what is opened is nobody's.
      const { calls } = await this.dataKeys.forOpening(
        ctx,
        row,
        stored,
        () => Promise.resolve(),
        (opened, used) => {
          openCanary(canary, opened, ctx.workspaceId);
          return used;
        },
      );
      return { unseal: { ok: true }, calls };
    } catch (error) {
      return failed(error);
    }
  }

  async #regions(key: VaultKey): Promise<readonly RegionFinding[]> {
    return (await this.strategies.get(key.strategy).inRegions?.(key).describe()) ?? [];
  }
}

function failed(error: unknown): { unseal: Look['unseal']; calls: readonly KeyCall[] } {
  if (error instanceof VaultError) return { unseal: { ok: false, isRefused: false, code: error.code }, calls: [] };
  if (!(error instanceof KeyStrategyError)) throw error;
  const { code, facts } = error;
  const { cause, region, awsError, calls = [] } = facts;
  const isRefused = code === 'refused' || code === 'pending_deletion';
  return { unseal: { ok: false, isRefused, code, cause, ...(region && { region }), ...(awsError && { awsError }) }, calls };
}

/** When anybody last unsealed something of the vault, on any node, in a span of the database's clock; undefined when nobody did. */
export async function lastUnsealIn(tx: Queries, vaultId: string, span: { from: number; to: number }): Promise<number | undefined> {
  return (await tx.query<{ at: number }>(LAST_UNSEAL, [vaultId, span.from, span.to]))[0]?.at;
}
