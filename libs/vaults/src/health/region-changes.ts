import type { KeyHealth, RegionHealth } from '#key-strategies';

/** How a key is known to be in one Region. */
export interface RegionState {
  region: string;
  health: KeyHealth;
  cause: string | null;
  deletion_date: Date | null;
}

/** How it was found to be there now. */
export interface RegionFinding {
  region: string;
  health: KeyHealth;
  cause?: string | undefined;
  awsError?: string | undefined;
  awsRequestId?: string | undefined;
  deletionDate?: Date | undefined;
}

/** From what to what; of one Region, or of the key as a whole. */
export interface HealthChange extends Omit<RegionFinding, 'region' | 'deletionDate'> {
  region?: string | undefined;
  before?: KeyHealth | undefined;
}

export const isRefusal = (health: KeyHealth | undefined): boolean => health === 'refused' || health === 'pending_deletion';

/**
 * What a probe found, where it says something new or the same. Silence takes no refusal back, and an answer that says nothing
 * about the key leaves what was known.
 */
export function regionFindings(known: readonly RegionState[], found: readonly RegionHealth[]): RegionFinding[] {
  return found.flatMap(({ region, health, decisive, deletionDate }) => {
    const before = known.find((state) => state.region === region);
    if (health === undefined || (isRefusal(before?.health) && health === 'unreachable')) return [];
    const { cause, awsError, awsRequestId } = decisive ?? {};
    return [{ region, health, cause, awsError, awsRequestId, deletionDate }];
  });
}

/** Those that are not as they were known to be. A Region that was not known yet and is well is no news. */
export function regionChanges(known: readonly RegionState[], findings: readonly RegionFinding[]): HealthChange[] {
  return findings.flatMap(({ deletionDate, ...finding }) => {
    const before = known.find(({ region }) => region === finding.region);
    const isNew = before ? !isAsKnown(before, { ...finding, deletionDate }) : finding.health !== 'healthy';
    return isNew ? [{ ...finding, before: before?.health }] : [];
  });
}

function isAsKnown(before: RegionState, { health, cause, deletionDate }: RegionFinding): boolean {
  return before.health === health && before.cause === (cause ?? null) && before.deletion_date?.getTime() === deletionDate?.getTime();
}
