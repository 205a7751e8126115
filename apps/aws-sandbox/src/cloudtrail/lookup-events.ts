import { type Caller } from '../iam/caller.js';
import { authorizeIdentity } from '../iam/authorize.js';
import { requestContext } from '../iam/condition-context.js';
import { type IamState } from '../iam/iam-state.js';
import { AwsJsonError } from '../wire/aws-json.js';
import { type RequestFacts } from '../wire/request-facts.js';
import { integer, listOf, oneOf, type Read, readShape, required, structure, text, timestamp } from '../wire/shape.js';
import { pageTokens } from './page-tokens.js';
import { type Trail, type TrailEvent } from './trail.js';

export interface LookupCall extends RequestFacts {
  caller: Caller;
  iam: IamState;
  trail: Trail;
}

const ATTRIBUTE_KEYS = [
  'EventId',
  'EventName',
  'ReadOnly',
  'Username',
  'ResourceType',
  'ResourceName',
  'EventSource',
  'AccessKeyId',
] as const;
const attribute = { AttributeKey: required(oneOf(ATTRIBUTE_KEYS)), AttributeValue: required(text({ min: 1, max: 2000 })) };
const shape = {
  LookupAttributes: listOf(structure(attribute), 50),
  StartTime: timestamp(),
  EndTime: timestamp(),
  EventCategory: oneOf(['insight']),
  MaxResults: integer(-2_147_483_648, 2_147_483_647),
  NextToken: text({ max: 4096 }),
};
type Lookup = Read<typeof shape>;

const RESULTS_MAX = 50;
const KEPT_DAYS = 90;

/** @throws AwsJsonError by AWS's names */
export function lookupEvents(call: LookupCall, body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const lookup = readShape(shape, body);
  authorize(call);
  checkLookup(lookup);
  const found = findEvents(call, lookup);
  const tokens = pageTokens(call.caller.accountId, call.region, { ...lookup, NextToken: undefined, MaxResults: undefined });
  const start = lookup.NextToken === undefined ? 0 : startOfPage(found, tokens.read(lookup.NextToken));
  const end = start + (lookup.MaxResults ?? RESULTS_MAX);
  const last = found[end - 1];
  return {
    Events: found.slice(start, end).map(lookupEntry),
    ...(end < found.length && last && { NextToken: tokens.write(last.eventId) }),
  };
}

function authorize(call: LookupCall): void {
  const ask = { caller: call.caller, action: 'cloudtrail:LookupEvents', resource: '*', context: requestContext(call) };
  const decision = authorizeIdentity(call.iam, ask);
  if (!decision.allowed) throw new AwsJsonError('AccessDeniedException', decision.message);
}

function checkLookup({ LookupAttributes = [], StartTime, EndTime, MaxResults }: Lookup): void {
  if (LookupAttributes.length > 1) {
    throw new AwsJsonError('InvalidLookupAttributesException', 'You can specify only one lookup attribute.');
  }
  if (MaxResults !== undefined && (MaxResults < 1 || MaxResults > RESULTS_MAX)) {
    throw new AwsJsonError('InvalidMaxResultsException', `MaxResults has to be from 1 to ${RESULTS_MAX}.`);
  }
  if (StartTime !== undefined && EndTime !== undefined && StartTime > EndTime) {
    throw new AwsJsonError('InvalidTimeRangeException', 'The start time has to be before the end time.');
  }
}

/** newest first, within the last KEPT_DAYS days */
function findEvents(call: LookupCall, { LookupAttributes: [wanted] = [], StartTime, EndTime, EventCategory }: Lookup): TrailEvent[] {
  if (EventCategory === 'insight') return [];
  const oldest = Math.max(StartTime ?? 0, call.now - KEPT_DAYS * 86_400_000);
  return call.trail
    .of(call.caller.accountId, call.region)
    .filter(({ eventTime }) => eventTime >= oldest && (EndTime === undefined || eventTime <= EndTime))
    .filter((event) => !wanted || hasAttribute(event, wanted.AttributeKey, wanted.AttributeValue));
}

function hasAttribute(event: TrailEvent, key: (typeof ATTRIBUTE_KEYS)[number], value: string): boolean {
  switch (key) {
    case 'EventId':
      return event.eventId === value;
    case 'EventName':
      return event.eventName === value;
    case 'ReadOnly':
      return String(event.readOnly) === value;
    case 'Username':
      return event.username === value;
    case 'ResourceType':
      return event.resources.some(({ type }) => type === value);
    case 'ResourceName':
      return event.resources.some(({ name }) => name === value);
    case 'EventSource':
      return event.eventSource === value;
    case 'AccessKeyId':
      return event.accessKeyId === value;
  }
}

function startOfPage(found: readonly TrailEvent[], lastEventId: string): number {
  const index = found.findIndex(({ eventId }) => eventId === lastEventId);
  if (index < 0) throw new AwsJsonError('InvalidNextTokenException', 'The token is not valid any more.');
  return index + 1;
}

const lookupEntry = (event: TrailEvent) => ({
  EventId: event.eventId,
  EventName: event.eventName,
  ReadOnly: String(event.readOnly),
  AccessKeyId: event.accessKeyId,
  EventTime: event.eventTime / 1000,
  EventSource: event.eventSource,
  Username: event.username,
  Resources: event.resources.map(({ type, name }) => ({ ResourceType: type, ResourceName: name })),
  CloudTrailEvent: event.record,
});
