import { randomUUID } from 'node:crypto';
import type { CustomerKey, CustomerKms, Trail } from '#aws';
import { askAws } from './ask-aws.js';
import type { Failure } from './causes.js';
import { failed, failedBy, type Finding, passed, restingOn } from './finding.js';

interface WrongWay {
  externalId: string | undefined;
  /** What it means that the role lets us in this way. */
  cause: Failure;
}

/** The last two start and end with the right ID: they expose a trust policy that compares by pattern. */
function wrongWays(externalId: string): readonly WrongWay[] {
  return [
    { externalId: undefined, cause: 'external_id_not_required' },
    { externalId: randomUUID(), cause: 'external_id_any_accepted' },
    { externalId: `${externalId}.${randomUUID()}`, cause: 'external_id_pattern_accepted' },
    { externalId: `${randomUUID()}.${externalId}`, cause: 'external_id_pattern_accepted' },
  ];
}

/**
 * The role must refuse us in every wrong way; otherwise it does not protect its owner from being named by another workspace. Not
 * having been able to ask is no proof.
 */
export async function checkExternalId(aws: CustomerKms, key: CustomerKey, trail: Trail): Promise<Finding> {
  const findings = await Promise.all(wrongWays(key.externalId).map((way) => tryWay(aws, key, way, trail)));
  return (
    findings.find((finding) => !finding.ok && finding.cause !== 'external_id_proof_not_possible') ??
    findings.find(({ ok }) => !ok) ??
    passed('external_id')
  );
}

async function tryWay(aws: CustomerKms, key: CustomerKey, { externalId, cause }: WrongWay, trail: Trail): Promise<Finding> {
  const answer = await askAws(trail, (calls) => aws.tryAssumeRole(key, externalId, calls));
  if ('value' in answer) return restingOn(answer.requestId, failed('external_id', cause));
  const isRefused = answer.error.code === 'refused';
  return isRefused ? passed('external_id') : failedBy(answer.error, 'external_id', undefined, 'external_id_proof_not_possible');
}
