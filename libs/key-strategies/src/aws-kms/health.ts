import type { AwsRegion, RegionPair } from '#aws';
import type { KeyHealth } from '../contract.js';
import { effectOf } from './causes.js';
import type { Finding } from './finding.js';

/**
 * The key's health by what the probe found. A refusal in either Region counts: it is a decision of the key's owner. A health that
 * says so already lasts until everything could be asked again: silence takes no refusal back.
 */
export function healthOf(findings: readonly Finding[], regions: RegionPair, lastKnown: KeyHealth | undefined): KeyHealth {
  const effects = new Set(findings.flatMap((finding) => (finding.ok ? [] : [effectOf(finding.cause)])));
  if (effects.has('pending_deletion')) return 'pending_deletion';
  if (effects.has('refused')) return 'refused';
  if (effects.has('unchanged')) return lastKnown ?? 'unreachable';
  if (isRefusal(lastKnown) && effects.has('unasked')) return lastKnown;
  if (isProved(findings, regions.main) || isProved(findings, regions.replica)) return effects.size === 0 ? 'healthy' : 'degraded';
  return 'unreachable';
}

export function isRefusal(health: KeyHealth | undefined): health is 'refused' | 'pending_deletion' {
  return health === 'refused' || health === 'pending_deletion';
}

/** A Region has proved itself by a decryption: no answer short of that is a proof of life. */
function isProved(findings: readonly Finding[], region: AwsRegion): boolean {
  return findings.some((finding) => finding.ok && finding.check === 'decrypt' && finding.region === region);
}
