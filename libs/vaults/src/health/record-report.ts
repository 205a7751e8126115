import type { AuditEvent, Queries } from '#audit';
import type { KeyHealth, ProbeReport, VaultKey } from '#key-strategies';
import { type HealthFinding, type VaultKeyId, findVaultKeyState, setKeyHealth } from '../vault-store.js';
import { findKnownHealth } from './find-known-health.js';
import { externalIdChecked, healthChanged, pendingDeletion } from './health-events.js';
import { type FinishedProbe, type StoredProbe, addHealthChanges, beginProbes, noteProbe } from './health-store.js';
import { type HealthChange, type RegionFinding, type RegionState, isRefusal, regionChanges, regionFindings } from './region-changes.js';

/** What was known of a key when a probe of it began. */
export interface KnownHealth {
  health: KeyHealth;
  cause: string | null;
  region: string | null;
  awsError: string | null;
  awsRequestId: string | null;
  regions: readonly RegionState[];
  /** None of a key that is not asked on a schedule. */
  probe: Pick<StoredProbe, 'is_external_id_due' | 'is_deletion_notice_due'> | undefined;
}

/** What a probe means, set against what was known. */
export interface Judgement {
  finding: HealthFinding;
  findings: readonly RegionFinding[];
  /** Of the whole, of which there is one at most, and of Regions. */
  changes: readonly HealthChange[];
  /** What is to be told besides changes. */
  notices: readonly AuditEvent[];
  isExternalIdProven: boolean;
  isExternalIdKnown: boolean;
  deletionNotice: FinishedProbe['deletionNotice'];
}

export function judge(key: VaultKeyId, known: KnownHealth, report: ProbeReport, now: Date): Judgement {
  const finding = findingOf(known, report);
  const findings = regionFindings(known.regions, report.regions ?? []);
  const isChanged = finding.health !== known.health || (finding.cause ?? null) !== known.cause;
  const isDoomed = finding.health === 'pending_deletion';
  const isTold = isDoomed && (known.probe?.is_deletion_notice_due ?? false);
  return {
    finding,
    findings,
    changes: [...(isChanged ? [changeOf(known, finding)] : []), ...regionChanges(known.regions, findings)],
    notices: [...externalIdNotice(key.vaultId, known, report), ...(isTold ? [pendingDeletion(key, findings, now)] : [])],
    isExternalIdProven: report.externalId === 'enforced',
    isExternalIdKnown: report.externalId === 'enforced' || report.externalId === 'not_enforced',
    deletionNotice: isTold ? 'told' : isDoomed ? 'keep' : 'none',
  };
}

/** A report that lets an earlier health stand names nothing that it rests on: then what it rested on stands, too. */
function findingOf(known: KnownHealth, { health, decisive }: ProbeReport): HealthFinding {
  if (health === known.health && !decisive) return restingAsBefore(known);
  const { cause, region, awsError, awsRequestId } = decisive ?? {};
  return { health, cause, region, awsError, awsRequestId };
}

const restingAsBefore = ({ health, cause, region, awsError, awsRequestId }: KnownHealth): HealthFinding => ({
  health,
  cause: cause ?? undefined,
  region: region ?? undefined,
  awsError: awsError ?? undefined,
  awsRequestId: awsRequestId ?? undefined,
});

function changeOf(known: KnownHealth, { health, cause, awsError, awsRequestId }: HealthFinding): HealthChange {
  return { before: known.health, health, cause, awsError, awsRequestId };
}

/** On schedule, and when it turns out not to hold although it is not time yet. */
function externalIdNotice(vaultId: string, known: KnownHealth, { externalId, checks, calls }: ProbeReport): AuditEvent[] {
  const check = checks.find((each) => each.check === 'external_id');
  if (!check || (externalId !== 'enforced' && externalId !== 'not_enforced')) return [];
  const isNews = externalId === 'not_enforced' && known.cause !== check.cause;
  if (!isNews && !known.probe?.is_external_id_due) return [];
  return [externalIdChecked(vaultId, check.ok, check.cause, calls)];
}

/** What was asked a moment ago, with everything that is asked once a day. */
export const JUST_ASKED = { nextProbeSeconds: 60, nextExternalIdSeconds: 86_400 } as const;

/** From now on the key is asked on a schedule; `report` is of the probe that let it in. Our own key is here, or nothing is. */
export async function startProbes(tx: Queries, key: VaultKeyId & Pick<VaultKey, 'strategy'>, report: ProbeReport): Promise<void> {
  if (key.strategy === 'default') return;
  await beginProbes(tx, key);
  const isExternalIdProven = report.externalId === 'enforced';
  const regions = regionFindings([], report.regions ?? []);
  await noteProbe(tx, { key, ...JUST_ASKED, isExternalIdProven, deletionNotice: 'none', regions });
}

/** Of a key that is let in once more, perhaps after nobody had asked it for long: it stands as `report` found it. */
export async function recordProof(
  tx: Queries,
  key: VaultKeyId & Pick<VaultKey, 'strategy'>,
  report: ProbeReport,
): Promise<readonly AuditEvent[]> {
  if (key.strategy === 'default') return [];
  await beginProbes(tx, key);
  const state = await findVaultKeyState(tx, key);
  if (!state) throw new Error('the key of a proof is none of the vault');
  const known = await findKnownHealth(tx, key, state);
  const { events } = await recordReport(tx, key, known, report, judge(key, known, report, new Date()), JUST_ASKED);
  return events;
}

export interface Recorded {
  /** The health on record now: the owner's word that came meanwhile is not overwritten by a probe that began before it. */
  standing: KeyHealth;
  events: readonly AuditEvent[];
  /** False when the probe is somebody else's by now: then nothing may be committed. */
  isMine: boolean;
}

/** Writes what a probe found: a refusal always, anything else only in the place of what was known when the probe began. */
export async function recordReport(
  tx: Queries,
  key: VaultKeyId,
  known: KnownHealth,
  report: ProbeReport,
  judgement: Judgement,
  schedule: Pick<FinishedProbe, 'fence' | 'nextProbeSeconds' | 'nextExternalIdSeconds'>,
): Promise<Recorded> {
  const { finding, findings, changes, notices, isExternalIdProven, deletionNotice } = judgement;
  const isSet = await setKeyHealth(tx, key, finding, isRefusal(finding.health) ? undefined : known.health);
  const regions = isSet ? findings : [];
  const isMine = await noteProbe(tx, { key, ...schedule, isExternalIdProven, deletionNotice, regions });
  if (!isSet) return { standing: (await findVaultKeyState(tx, key))?.key_health ?? finding.health, events: [], isMine };
  if (changes.length > 0) await addHealthChanges(tx, key, changes);
  const ofRegions = changes.filter(({ region }) => region !== undefined);
  const changed = changes.length > 0 ? [healthChanged(key, known.health, finding, report.calls, ofRegions)] : [];
  return { standing: finding.health, events: [...changed, ...notices], isMine };
}
