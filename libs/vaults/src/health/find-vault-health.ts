import type { Queries, Statement } from '#audit';
import { JOIN_ACTIVE_KEY, VAULT_STATE_COLUMNS, type VaultState } from '../vault-store.js';
import type { StoredRegionHealth } from './health-store.js';

/** How the key is under which a vault seals. */
export interface StoredVaultHealth extends VaultState {
  health_since: Date;
  external_id_proven_at: Date | null;
  probed_at: Date | null;
  next_probe_at: Date | null;
  last_used_at: Date | null;
  regions: StoredRegionHealth[];
}

const REGION_COLUMNS = [
  'region',
  'health',
  'cause',
  'aws_error',
  'aws_request_id',
  'deletion_date',
  'since',
  'last_good_at',
  'checked_at',
] as const;
type RegionColumn = (typeof REGION_COLUMNS)[number];

type Row = Omit<StoredVaultHealth, 'regions'> & { [Column in RegionColumn as `r_${Column}`]: StoredRegionHealth[Column] };

/** In one statement: of a change that is being committed either everything is seen or nothing. A row for each Region, one at least. */
const FIND: Statement = {
  name: 'vault-health-find',
  text: `SELECT ${VAULT_STATE_COLUMNS}, k.health_since, p.external_id_proven_at, p.probed_at, p.next_probe_at, p.last_used_at,
      ${REGION_COLUMNS.map((column) => `h.${column} AS r_${column}`).join(', ')}
    FROM vaults v ${JOIN_ACTIVE_KEY}
    LEFT JOIN vault_probes p ON p.workspace_id = k.workspace_id AND p.vault_id = k.vault_id AND p.vault_key_id = k.vault_key_id
    LEFT JOIN vault_health h ON h.workspace_id = k.workspace_id AND h.vault_id = k.vault_id AND h.vault_key_id = k.vault_key_id
    WHERE v.workspace_id = $1 AND v.vault_id = $2 ORDER BY h.region`,
};

export async function findVaultHealth(tx: Queries, vaultId: string): Promise<StoredVaultHealth | undefined> {
  const rows = await tx.query<Row>(FIND, [vaultId]);
  const [first] = rows;
  const hasRegion = (row: { r_region: string | null }) => row.r_region !== null;
  return first && { ...first, regions: rows.filter(hasRegion).map(regionOf) };
}

function regionOf(row: Row): StoredRegionHealth {
  return {
    region: row.r_region,
    health: row.r_health,
    cause: row.r_cause,
    aws_error: row.r_aws_error,
    aws_request_id: row.r_aws_request_id,
    deletion_date: row.r_deletion_date,
    since: row.r_since,
    last_good_at: row.r_last_good_at,
    checked_at: row.r_checked_at,
  };
}
