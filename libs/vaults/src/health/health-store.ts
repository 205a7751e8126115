import { randomUUIDv7 } from 'node:crypto';
import type { Queries, Statement } from '#audit';
import type { KeyHealth } from '#key-strategies';
import type { VaultKeyId } from '../vault-store.js';
import type { HealthChange, RegionFinding, RegionState } from './region-changes.js';

/** When a vault key was asked, and what for. */
export interface StoredProbe {
  next_probe_at: Date;
  external_id_proven_at: Date | null;
  probed_at: Date | null;
  last_used_at: Date | null;
  /** By the clock of the database, like all that follows. */
  is_external_id_due: boolean;
  is_deletion_notice_due: boolean;
  was_used_lately: boolean;
  /** Of the key's health. */
  has_changed_lately: boolean;
  fence: string;
}

export interface StoredRegionHealth extends RegionState {
  aws_error: string | null;
  aws_request_id: string | null;
  since: Date;
  last_good_at: Date | null;
  checked_at: Date;
}

export interface StoredHealthChange {
  change_id: string;
  vault_key_id: string;
  region: string | null;
  before: KeyHealth | null;
  health: KeyHealth;
  cause: string | null;
  aws_error: string | null;
  aws_request_id: string | null;
  at: Date;
}

/** A key counts as used for so long after its last use. */
export const USED_FOR_SECONDS = 300;
const HISTORY_DAYS = 90;

const BEGIN: Statement = {
  name: 'vault-probe-begin',
  text: `INSERT INTO vault_probes (workspace_id, vault_id, vault_key_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
};

const END_OF_EMPTIED: Statement = {
  name: 'vault-probe-end-of-emptied',
  text: `WITH emptied AS (
      SELECT k.vault_key_id FROM vault_keys k WHERE k.workspace_id = $1 AND k.vault_id = $2 AND k.vault_key_id <> $3
        AND NOT EXISTS (SELECT FROM data_keys d WHERE d.workspace_id = $1 AND d.vault_id = $2 AND d.vault_key_id = k.vault_key_id)),
    health AS (
      DELETE FROM vault_health WHERE workspace_id = $1 AND vault_id = $2 AND vault_key_id IN (SELECT vault_key_id FROM emptied))
    DELETE FROM vault_probes WHERE workspace_id = $1 AND vault_id = $2 AND vault_key_id IN (SELECT vault_key_id FROM emptied)`,
};

const FIND: Statement = {
  name: 'vault-probe-find',
  text: `SELECT next_probe_at, external_id_proven_at, probed_at, last_used_at, fence, next_external_id_check_at <= clock_timestamp() AS is_external_id_due,
      coalesce(deletion_told_at < clock_timestamp() - interval '1 day', true) AS is_deletion_notice_due,
      (SELECT k.health_since > clock_timestamp() - interval '1 hour' FROM vault_keys k
        WHERE k.workspace_id = p.workspace_id AND k.vault_id = p.vault_id AND k.vault_key_id = p.vault_key_id) AS has_changed_lately,
      coalesce(last_used_at > clock_timestamp() - interval '${USED_FOR_SECONDS} seconds', false) AS was_used_lately
    FROM vault_probes p WHERE workspace_id = $1 AND vault_id = $2 AND vault_key_id = $3`,
};

/**
 * Notes a finished probe: in whose fence, when the next one comes, and how it went in each Region. Nothing when the probe is
 * somebody else's by now. With $10 only what is as it was: whatever else has come between is for a probe that looks again.
 */
const NOTE: Statement = {
  name: 'vault-probe-note',
  text: `WITH mine AS (
      UPDATE vault_probes SET next_probe_at = clock_timestamp() + make_interval(secs => $5), probed_at = clock_timestamp(),
        claimed_until = CASE WHEN $4::bigint IS NULL THEN claimed_until END,
        external_id_proven_at = CASE WHEN $6 THEN clock_timestamp() ELSE external_id_proven_at END,
        next_external_id_check_at = coalesce(clock_timestamp() + make_interval(secs => $7), next_external_id_check_at),
        deletion_told_at = CASE $8::text WHEN 'told' THEN clock_timestamp() WHEN 'keep' THEN deletion_told_at END
      WHERE workspace_id = $1 AND vault_id = $2 AND vault_key_id = $3 AND ($4::bigint IS NULL OR fence = $4) RETURNING 1),
    regions AS (
      INSERT INTO vault_health AS h (workspace_id, vault_id, vault_key_id, region, health, cause, aws_error, aws_request_id, deletion_date, last_good_at)
      SELECT $1, $2, $3, f.region, f.health, f.cause, f."awsError", f."awsRequestId", f."deletionDate",
        CASE WHEN f.health IN ('healthy', 'degraded') THEN clock_timestamp() END
      FROM jsonb_to_recordset($9::jsonb) AS f (region text, health text, cause text, "awsError" text, "awsRequestId" text, "deletionDate" timestamptz)
      WHERE EXISTS (SELECT FROM mine)
      ON CONFLICT (workspace_id, vault_id, vault_key_id, region) DO UPDATE SET
        health = excluded.health, cause = excluded.cause, aws_error = excluded.aws_error, aws_request_id = excluded.aws_request_id,
        deletion_date = excluded.deletion_date, checked_at = clock_timestamp(),
        since = CASE WHEN h.health = excluded.health THEN h.since ELSE clock_timestamp() END,
        last_good_at = coalesce(excluded.last_good_at, h.last_good_at)
      WHERE NOT $10 OR h.health = excluded.health)
    SELECT 1 FROM mine`,
};

/** Of a refusal that real traffic met: there is no probe, but the Regions know of it, and a probe comes soon for the rest. */
const NOTE_REFUSED: Statement = {
  name: 'vault-health-note-refused',
  text: `WITH soon AS (
      UPDATE vault_probes SET next_probe_at = clock_timestamp() WHERE workspace_id = $1 AND vault_id = $2 AND vault_key_id = $3)
    UPDATE vault_health SET health = $5, cause = $6, aws_error = $7, aws_request_id = $8, checked_at = clock_timestamp(),
      since = CASE WHEN health = $5 THEN since ELSE clock_timestamp() END
    WHERE workspace_id = $1 AND vault_id = $2 AND vault_key_id = $3 AND ($4::text IS NULL OR region = $4)`,
};

const REGIONS: Statement = {
  name: 'vault-health-regions',
  text: `SELECT region, health, cause, aws_error, aws_request_id, deletion_date, since, last_good_at, checked_at FROM vault_health
    WHERE workspace_id = $1 AND vault_id = $2 AND vault_key_id = $3 ORDER BY region`,
};

const ADD_CHANGES: Statement = {
  name: 'vault-health-add-changes',
  text: `INSERT INTO vault_health_history (workspace_id, vault_id, vault_key_id, change_id, region, before, health, cause, aws_error, aws_request_id)
    SELECT $1, $2, $3, c.id, c.region, c.before, c.health, c.cause, c."awsError", c."awsRequestId"
    FROM jsonb_to_recordset($4::jsonb) AS c (id uuid, region text, before text, health text, cause text, "awsError" text, "awsRequestId" text)`,
};

const CHANGES: Statement = {
  name: 'vault-health-changes',
  text: `SELECT change_id, vault_key_id, region, before, health, cause, aws_error, aws_request_id, at FROM vault_health_history
    WHERE workspace_id = $1 AND vault_id = $2 AND at > now() - interval '${HISTORY_DAYS} days' AND ($3::uuid IS NULL OR change_id < $3)
    ORDER BY change_id DESC LIMIT $4`,
};

const idOf = ({ vaultId, vaultKeyId }: VaultKeyId): [string, string] => [vaultId, vaultKeyId];

/** From now on the key is asked on a schedule. */
export const beginProbes = (tx: Queries, key: VaultKeyId): Promise<unknown> => tx.query(BEGIN, idOf(key));

/** Keys that the vault has left and under which no data key stands are not asked any more. Their history stays. */
export const endProbesOfEmptied = (tx: Queries, active: VaultKeyId): Promise<unknown> => tx.query(END_OF_EMPTIED, idOf(active));

export const findProbe = async (tx: Queries, key: VaultKeyId): Promise<StoredProbe | undefined> =>
  (await tx.query<StoredProbe>(FIND, idOf(key)))[0];

export const findRegionHealth = (tx: Queries, key: VaultKeyId): Promise<StoredRegionHealth[]> =>
  tx.query<StoredRegionHealth>(REGIONS, idOf(key));

/** Of all keys of the vault, newest first. */
export const listHealthChanges = (tx: Queries, vaultId: string, limit: number, before?: string): Promise<StoredHealthChange[]> =>
  tx.query<StoredHealthChange>(CHANGES, [vaultId, before, limit]);

export interface FinishedProbe {
  key: VaultKeyId;
  /** Of the claim under which it ran; none for one that somebody asked for. */
  fence?: string | undefined;
  nextProbeSeconds: number;
  isExternalIdProven: boolean;
  /** None when it was not tried, or nobody could be asked. */
  nextExternalIdSeconds?: number | undefined;
  deletionNotice: 'told' | 'keep' | 'none';
  regions: readonly RegionFinding[];
}

/** Statement and values that note it, when nothing is new. Answers a row unless the probe is somebody else's by now. */
export function noteUnchanged(probe: FinishedProbe): [Statement, unknown[]] {
  return [NOTE, noteValues(probe, true)];
}

/** False when the probe is somebody else's by now, or the key is none that is probed. */
export const noteProbe = async (tx: Queries, probe: FinishedProbe): Promise<boolean> =>
  (await tx.query(NOTE, noteValues(probe, false))).length === 1;

function noteValues(probe: FinishedProbe, onlyAsItWas: boolean): unknown[] {
  const { key, fence, nextProbeSeconds, isExternalIdProven, nextExternalIdSeconds, deletionNotice, regions } = probe;
  const times = [nextProbeSeconds, isExternalIdProven, nextExternalIdSeconds, deletionNotice];
  return [...idOf(key), fence, ...times, JSON.stringify(regions), onlyAsItWas];
}

export const noteRefused = (tx: Queries, key: VaultKeyId, finding: RegionFinding | Omit<RegionFinding, 'region'>): Promise<unknown> => {
  const { health, cause, awsError, awsRequestId } = finding;
  return tx.query(NOTE_REFUSED, [...idOf(key), 'region' in finding ? finding.region : null, health, cause, awsError, awsRequestId]);
};

/** In the order given, which ids that were made in one millisecond would not have by themselves. */
export const addHealthChanges = (tx: Queries, key: VaultKeyId, changes: readonly HealthChange[]): Promise<unknown> => {
  const ids = changes.map(() => randomUUIDv7()).sort();
  return tx.query(ADD_CHANGES, [...idOf(key), JSON.stringify(changes.map((change, at) => ({ id: ids[at], ...change })))]);
};
