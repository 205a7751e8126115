import type { KeyHealth } from '#key-strategies';
import { type StoredHealthChange, type StoredRegionHealth, type StoredVaultHealth, daysLeft } from '#vaults';

export interface RegionHealthView {
  region: string;
  health: KeyHealth;
  cause: string | null;
  awsError: string | null;
  awsRequestId: string | null;
  since: string;
  lastGoodAt: string | null;
  checkedAt: string;
  deletionDate: string | null;
  daysLeft: number | null;
}

export interface VaultHealthView {
  vaultId: string;
  vaultKeyId: string;
  health: KeyHealth;
  cause: string | null;
  region: string | null;
  awsError: string | null;
  awsRequestId: string | null;
  since: string;
  lastGoodAt: string | null;
  /** The first of the Regions' dates. */
  deletionDate: string | null;
  daysLeft: number | null;
  externalIdProvenAt: string | null;
  checkedAt: string | null;
  nextCheckAt: string | null;
  lastUsedAt: string | null;
  regions: RegionHealthView[];
}

export interface HealthChangeView {
  id: string;
  at: string;
  vaultKeyId: string;
  /** Null for the key as a whole. */
  region: string | null;
  before: KeyHealth | null;
  health: KeyHealth;
  cause: string | null;
  awsError: string | null;
  awsRequestId: string | null;
}

export function vaultHealthView(state: StoredVaultHealth, now: Date): VaultHealthView {
  const { regions } = state;
  return {
    vaultId: state.vault_id,
    vaultKeyId: state.active_vault_key_id,
    health: state.key_health,
    cause: state.health_cause,
    region: state.health_region,
    awsError: state.health_aws_error,
    awsRequestId: state.health_aws_request_id,
    since: state.health_since.toISOString(),
    lastGoodAt: text(latest(regions.map(({ last_good_at }) => last_good_at))),
    ...deletion(earliest(regions.map(({ deletion_date }) => deletion_date)), now),
    externalIdProvenAt: text(state.external_id_proven_at),
    checkedAt: text(state.probed_at),
    nextCheckAt: text(state.next_probe_at),
    lastUsedAt: text(state.last_used_at),
    regions: regions.map((region) => regionView(region, now)),
  };
}

function regionView(row: StoredRegionHealth, now: Date): RegionHealthView {
  return {
    region: row.region,
    health: row.health,
    cause: row.cause,
    awsError: row.aws_error,
    awsRequestId: row.aws_request_id,
    since: row.since.toISOString(),
    lastGoodAt: text(row.last_good_at),
    checkedAt: row.checked_at.toISOString(),
    ...deletion(row.deletion_date, now),
  };
}

export function healthChangeView(row: StoredHealthChange): HealthChangeView {
  const { change_id: id, vault_key_id: vaultKeyId, region, before, health, cause, aws_error: awsError, aws_request_id: awsRequestId } = row;
  return { id, at: row.at.toISOString(), vaultKeyId, region, before, health, cause, awsError, awsRequestId };
}

function deletion(date: Date | null, now: Date): { deletionDate: string | null; daysLeft: number | null } {
  return { deletionDate: text(date), daysLeft: date && daysLeft(date, now) };
}

const text = (date: Date | null): string | null => date?.toISOString() ?? null;
const inOrder = (dates: readonly (Date | null)[]): Date[] => dates.flatMap((date) => date ?? []).sort((a, b) => a.getTime() - b.getTime());
const earliest = (dates: readonly (Date | null)[]): Date | null => inOrder(dates)[0] ?? null;
const latest = (dates: readonly (Date | null)[]): Date | null => inOrder(dates).at(-1) ?? null;
