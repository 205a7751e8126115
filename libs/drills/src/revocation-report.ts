import type { RevocationCourse } from './revocation-course.js';

/** What a finished revocation drill proves. Times are RFC 3339 by the database's clock; seconds are upper bounds. */
export interface RevocationReport extends Record<string, unknown> {
  /** Between the last look at which nothing was withdrawn, and the first at which something was. */
  disabledAfter: string;
  disabledBy: string;
  /** By whom: the drill's own canary, or somebody's unseal on any node. */
  lastUnseal: { at: string; by: 'drill' | 'traffic' } | null;
  /** From the disabling to the last unseal that succeeded on any node; 0 when none did. */
  secondsToLastUnseal: number;
  cutOffBy: string;
  cutOffCause: string;
  cutOffRegion: string | null;
  secondsToCutOff: number;
  /** Null, as the seconds, when no Region was seen to be withdrawn: the permission was, say. */
  enabledAfter: string | null;
  recoveredBy: string;
  /** From the enabling to the first unseal that succeeded again. */
  secondsToRecovery: number | null;
  /** What the vault was set to when the drill began. */
  dataKeyCacheSeconds: number;
  /** The longest time without a look. */
  blindSeconds: number;
  regions: Record<string, { withdrawnBy: string | null; returnedBy: string | null }>;
}

/**
 * The report of a course that is done. `trafficAt`: the last unseal of the vault that anybody's event tells of, before the key was
 * seen enabled again; undefined when there was none.
 */
export function revocationReport(course: RevocationCourse, dataKeyCacheSeconds: number, trafficAt: number | undefined): RevocationReport {
  const { disabled, cutOff, enabled, recovered, lastUnsealAt } = course;
  if (!disabled || !cutOff || !recovered) throw new Error('a drill is reported before it is done');
  const last = lastOf(lastUnsealAt, trafficAt);
  return {
    disabledAfter: instant(disabled.after),
    disabledBy: instant(disabled.by),
    lastUnseal: last ? { at: instant(last.at), by: last.by } : null,
    secondsToLastUnseal: secondsBetween(disabled.after, last?.at ?? disabled.after),
    cutOffBy: instant(cutOff.by),
    cutOffCause: cutOff.cause ?? cutOff.code,
    cutOffRegion: cutOff.region ?? null,
    secondsToCutOff: secondsBetween(disabled.after, cutOff.by),
    enabledAfter: enabled ? instant(enabled.after) : null,
    recoveredBy: instant(recovered.by),
    secondsToRecovery: enabled ? secondsBetween(enabled.after, recovered.by) : null,
    dataKeyCacheSeconds,
    blindSeconds: course.blindMs / 1_000,
    regions: Object.fromEntries(
      Object.entries(course.regions).map(([region, { withdrawn, returned }]) => [
        region,
        { withdrawnBy: withdrawn ? instant(withdrawn.by) : null, returnedBy: returned ? instant(returned.by) : null },
      ]),
    ),
  };
}

function lastOf(drill: number | undefined, traffic: number | undefined): { at: number; by: 'drill' | 'traffic' } | undefined {
  if (traffic !== undefined && traffic > (drill ?? 0)) return { at: traffic, by: 'traffic' };
  return drill === undefined ? undefined : { at: drill, by: 'drill' };
}

const instant = (at: number): string => new Date(at).toISOString();

/** Rounded up to the tenth: never less than it was. */
const secondsBetween = (from: number, to: number): number => Math.ceil(Math.max(0, to - from) / 100) / 10;
