import type { AuditEvent } from '#audit';
import type { KeyHealth } from '#key-strategies';
import type { HealthFinding, VaultKeyId } from '../vault-store.js';
import type { HealthChange, RegionFinding } from './region-changes.js';

const DAY_MS = 86_400_000;

/** Whole days, begun ones counted; 0 once the date is reached. */
export const daysLeft = (date: Date, now: Date): number => Math.max(0, Math.ceil((date.getTime() - now.getTime()) / DAY_MS));

/** The key as a whole is not as it was, or one of its Regions is not. */
export function healthChanged(
  { vaultId, vaultKeyId }: VaultKeyId,
  before: KeyHealth | undefined,
  finding: HealthFinding,
  calls?: AuditEvent['calls'],
  regions: readonly HealthChange[] = [],
): AuditEvent {
  const { health: after, cause, region, awsError, awsRequestId } = finding;
  return {
    type: 'vault.key.health_changed',
    vaultId,
    ...(calls && { calls }),
    details: {
      vaultKeyId,
      before,
      after,
      cause,
      region,
      awsError,
      awsRequestId,
      ...(regions.length > 0 && { regions: regions.map(regionDetails) }),
    },
  };
}

const regionDetails = ({ region, before, health, cause, awsError, awsRequestId }: HealthChange) => ({
  region,
  before,
  after: health,
  cause,
  awsError,
  awsRequestId,
});

/** A countdown: where, and until when once AWS has said it. A primary key that waits for its replicas has no date yet. */
export function pendingDeletion({ vaultId, vaultKeyId }: VaultKeyId, findings: readonly RegionFinding[], now: Date): AuditEvent {
  const regions = findings
    .filter(({ health }) => health === 'pending_deletion')
    .map(({ region, deletionDate }) => ({
      region,
      ...(deletionDate && { deletionDate: deletionDate.toISOString(), daysLeft: daysLeft(deletionDate, now) }),
    }));
  const [first] = findings.flatMap(({ deletionDate }) => deletionDate ?? []).sort((a, b) => a.getTime() - b.getTime());
  const date = first && { deletionDate: first.toISOString(), daysLeft: daysLeft(first, now) };
  return { type: 'vault.key.pending_deletion_detected', vaultId, details: { vaultKeyId, ...date, regions } };
}

/** Whether the role still refuses everybody but us. */
export function externalIdChecked(vaultId: string, isEnforced: boolean, cause: string | undefined, calls: AuditEvent['calls']): AuditEvent {
  return {
    type: isEnforced ? 'vault.external_id_check_passed' : 'vault.external_id_check_failed',
    vaultId,
    ...(calls && { calls }),
    ...(cause !== undefined && { details: { cause } }),
  };
}
