import { randomUUID } from 'node:crypto';
import { isoSeconds } from '../clock.js';
import { type Caller } from '../iam/caller.js';
import { type RequestFacts } from '../wire/request-facts.js';
import { type Trail } from './trail.js';
import { foreignIdentity, trailUserName, userIdentity } from './user-identity.js';

type Json = Readonly<Record<string, unknown>>;

export interface EventResource {
  accountId: string;
  type: 'AWS::KMS::Key' | 'AWS::IAM::Role';
  ARN: string;
}

/** An API call that came to an end, as its services tell the trail. */
export interface ApiCall {
  facts: RequestFacts;
  caller: Caller;
  eventSource: string;
  eventName: string;
  eventVersion: string;
  readOnly: boolean;
  requestParameters: Json | null;
  responseElements: Json | null;
  additionalEventData?: Json;
  resources: readonly EventResource[];
  refusal?: { code: string; message?: string | undefined };
  /** The account that owns what was called; a refused call is recorded in the caller's account only. */
  ownerAccountId: string;
}

/** Records a call in the trail of its Region: the caller's account, and the owner's when that is another one. */
export function recordApiCall(trail: Trail, call: ApiCall): void {
  const foreign = call.ownerAccountId !== call.caller.accountId;
  if (!foreign || call.refusal) {
    append(trail, call, call.caller.accountId, undefined);
    return;
  }
  const sharedEventId = randomUUID();
  append(trail, call, call.caller.accountId, sharedEventId);
  append(trail, call, call.ownerAccountId, sharedEventId);
}

function append(trail: Trail, call: ApiCall, recipient: string, sharedEventId: string | undefined): void {
  const { caller, facts } = call;
  const eventId = randomUUID();
  const own = recipient === caller.accountId;
  trail.record({
    accountId: recipient,
    region: facts.region,
    eventId,
    eventName: call.eventName,
    eventSource: call.eventSource,
    eventTime: facts.now,
    readOnly: call.readOnly,
    ...(own && { username: trailUserName(caller), accessKeyId: caller.accessKeyId }),
    resources: call.resources.map(({ type, ARN }) => ({ type, name: ARN })),
    record: JSON.stringify(recordOf(call, own ? userIdentity(caller) : foreignIdentity(caller), recipient, eventId, sharedEventId)),
  });
}

function recordOf(call: ApiCall, identity: Json, recipient: string, eventId: string, sharedEventId: string | undefined): Json {
  const { facts } = call;
  return {
    eventVersion: call.eventVersion,
    userIdentity: identity,
    eventTime: isoSeconds(facts.now),
    eventSource: call.eventSource,
    eventName: call.eventName,
    awsRegion: facts.region,
    sourceIPAddress: facts.sourceIp,
    userAgent: facts.userAgent,
    ...(call.refusal && { errorCode: call.refusal.code }),
    ...(call.refusal?.message !== undefined && { errorMessage: call.refusal.message }),
    requestParameters: call.requestParameters,
    responseElements: call.responseElements,
    ...(call.additionalEventData && { additionalEventData: call.additionalEventData }),
    requestID: facts.requestId,
    ...(sharedEventId !== undefined && { sharedEventID: sharedEventId }),
    eventID: eventId,
    readOnly: call.readOnly,
    ...(call.resources.length > 0 && { resources: call.resources }),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: recipient,
    eventCategory: 'Management',
    tlsDetails: { tlsVersion: 'TLSv1.3', cipherSuite: 'TLS_AES_128_GCM_SHA256', clientProvidedHostHeader: facts.host },
  };
}
