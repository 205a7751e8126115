import { recordApiCall } from '../cloudtrail/record-event.js';
import { type Trail } from '../cloudtrail/trail.js';
import { type AwsJsonError } from '../wire/aws-json.js';
import { type Key } from './key.js';
import { type KmsAnswer, type KmsCall, type KmsOperation, type PreparedCall } from './kms-call.js';
import { recordServiceEvent } from './service-events.js';

/** Records of what happened to several Regions' keys are written in each of them, under these names. */
const OTHER_REGION_EVENTS: Readonly<Record<string, string>> = { ReplicateKey: 'CreateKey', UpdatePrimaryRegion: 'UpdatePrimaryRegion' };

export function recordKmsCall(
  trail: Trail,
  call: KmsCall,
  operation: KmsOperation,
  prepared: PreparedCall | undefined,
  end: { answer: KmsAnswer } | { error: AwsJsonError },
): void {
  const [key, ...others] = call.resolved;
  const common = {
    caller: call.caller,
    eventSource: 'kms.amazonaws.com',
    eventVersion: '1.11',
    readOnly: operation.readOnly,
    requestParameters: prepared?.trailRequest ?? null,
    ownerAccountId: key?.family.accountId ?? call.caller.accountId,
  };
  recordApiCall(trail, {
    ...common,
    ...outcome(call, operation, end),
    facts: call,
    eventName: call.operation,
    resources: keyResources(key),
  });
  const echo = OTHER_REGION_EVENTS[call.operation];
  if ('error' in end || echo === undefined) return;
  for (const other of others) {
    const facts = { ...call, region: other.own.region };
    recordApiCall(trail, { ...common, facts, eventName: echo, responseElements: null, resources: keyResources(other) });
    recordServiceEvent(trail, 'SynchronizeMultiRegionKey', other, call.now);
  }
}

function outcome(call: KmsCall, operation: KmsOperation, end: { answer: KmsAnswer } | { error: AwsJsonError }) {
  if ('error' in end) return { responseElements: null, refusal: { code: trailErrorCode(end.error.code), message: end.error.text } };
  const material = call.resolved[0]?.family.material;
  const symmetric = material?.kind === 'symmetric' && ['Encrypt', 'Decrypt'].includes(call.operation);
  return {
    responseElements: operation.trailResponse(end.answer, call),
    ...(symmetric && { additionalEventData: { keyMaterialId: material.materialId } }),
  };
}

/** CloudTrail shortens the one name that every policy refusal has. */
const trailErrorCode = (name: string): string => (name === 'AccessDeniedException' ? 'AccessDenied' : name);

const keyResources = (key: Key | undefined) =>
  key ? [{ accountId: key.family.accountId, type: 'AWS::KMS::Key' as const, ARN: key.arn }] : [];
