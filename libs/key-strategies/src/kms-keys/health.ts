import type { AwsRegion, RegionPair } from '#aws';
import type { KeyHealth } from '../contract.js';
import { type Effect, effectOf } from './causes.js';
import type { Check, Finding } from './finding.js';

export interface Verdict {
  health: KeyHealth;
  /** The failure that the health rests on; none when all is well, and none when an earlier health still stands. */
  decisive?: Finding;
}

/**
 * The key's health by what the probe found. A refusal in either Region counts: it is a decision of the key's owner. A health that
 * says so already lasts until everything could be asked again: silence takes no refusal back.
 */
export function verdictOf(findings: readonly Finding[], regions: RegionPair, lastKnown: KeyHealth | undefined): Verdict {
  const { pending_deletion: doomed, refused, unchanged, unasked } = failuresByEffect(findings);
  if (doomed) return { health: 'pending_deletion', decisive: doomed };
  if (refused) return { health: 'refused', decisive: refused };
  if (unchanged) return lastKnown ? { health: lastKnown } : { health: 'unreachable', decisive: unchanged };
  if (isRefusal(lastKnown) && unasked) return { health: lastKnown };
  const [decisive] = findings.filter((finding) => !finding.ok);
  const isUsable = isProved(findings, regions.main) || isProved(findings, regions.replica);
  if (isUsable && !decisive) return { health: 'healthy' };
  return { health: isUsable ? 'degraded' : 'unreachable', ...(decisive && { decisive }) };
}

/**
 * The health of the key in one Region, by what was found there and by what concerns every Region, the role above all. None when an
 * answer was our own fault: it says nothing about the key.
 */
export function regionVerdictOf(findings: readonly Finding[], region: AwsRegion): Partial<Verdict> {
  const own = findings.filter((finding) => finding.region === region || EVERYWHERE.has(finding.check));
  const { pending_deletion: doomed, refused, unchanged } = failuresByEffect(own);
  if (doomed) return { health: 'pending_deletion', decisive: doomed };
  if (refused) return { health: 'refused', decisive: refused };
  if (unchanged) return {};
  const decisive = own.find((finding) => !finding.ok && !(isProved(own, region) && EVERYWHERE.has(finding.check)));
  if (isProved(own, region) && !decisive) return { health: 'healthy' };
  return { health: isProved(own, region) ? 'degraded' : 'unreachable', ...(decisive && { decisive }) };
}

/** Of STS, wherever it was asked. */
const EVERYWHERE: ReadonlySet<Check> = new Set<Check>(['external_id', 'assume_role', 'caller_account']);

/** The first failure of each effect. */
function failuresByEffect(findings: readonly Finding[]): Partial<Record<Effect, Finding>> {
  const first: Partial<Record<Effect, Finding>> = {};
  for (const finding of findings) if (!finding.ok) first[effectOf(finding.cause)] ??= finding;
  return first;
}

export function isRefusal(health: KeyHealth | undefined): health is 'refused' | 'pending_deletion' {
  return health === 'refused' || health === 'pending_deletion';
}

/** A Region has proved itself by a decryption: no answer short of that is a proof of life. */
function isProved(findings: readonly Finding[], region: AwsRegion): boolean {
  return findings.some((finding) => finding.ok && finding.check === 'decrypt' && finding.region === region);
}
