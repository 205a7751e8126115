import type { Statement } from '#audit';

/** A probe that this worker is to make, until the time of its claim is over. */
export interface ClaimedProbe {
  workspaceId: string;
  vaultId: string;
  vaultKeyId: string;
  fence: string;
}

/** Longer than all steps of a probe take at worst. */
const CLAIM_SECONDS = 120;
const LOOKED_AT_MAX = 500;

/**
 * Takes what is due, the longest waiting first, of one workspace no more than a few: one whose keys all hang must not hold up the
 * others. $2 are workspaces that have their share under way here already.
 */
const CLAIM: Statement = {
  name: 'vault-probes-claim',
  text: `WITH due AS (
      SELECT workspace_id, vault_id, vault_key_id, next_probe_at FROM vault_probes
      WHERE next_probe_at <= clock_timestamp() AND (claimed_until IS NULL OR claimed_until < clock_timestamp()) AND workspace_id <> ALL ($2::uuid[])
      ORDER BY next_probe_at LIMIT ${LOOKED_AT_MAX} FOR UPDATE SKIP LOCKED),
    shared AS (
      SELECT *, row_number() OVER (PARTITION BY workspace_id ORDER BY next_probe_at) AS turn FROM due),
    taken AS (
      SELECT * FROM shared WHERE turn <= $3 ORDER BY turn, next_probe_at LIMIT $1)
    UPDATE vault_probes p SET claimed_until = clock_timestamp() + interval '${CLAIM_SECONDS} seconds', fence = p.fence + 1
    FROM taken t WHERE p.workspace_id = t.workspace_id AND p.vault_id = t.vault_id AND p.vault_key_id = t.vault_key_id
    RETURNING p.workspace_id, p.vault_id, p.vault_key_id, p.fence`,
};

/** The door that sees what is due in all workspaces. */
export interface ProbeTable {
  ask<Row extends Record<string, unknown>>(statement: Statement, values: readonly unknown[]): Promise<Row[]>;
}

interface Row extends Record<string, unknown> {
  workspace_id: string;
  vault_id: string;
  vault_key_id: string;
  fence: string;
}

export async function claimDueProbes(
  table: ProbeTable,
  { count, perWorkspace, busy }: { count: number; perWorkspace: number; busy: readonly string[] },
): Promise<ClaimedProbe[]> {
  const rows = await table.ask<Row>(CLAIM, [count, busy, perWorkspace]);
  return rows.map((row) => ({ workspaceId: row.workspace_id, vaultId: row.vault_id, vaultKeyId: row.vault_key_id, fence: row.fence }));
}
