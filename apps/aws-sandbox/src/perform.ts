import { lookupEvents } from './cloudtrail/lookup-events.js';
import { type Caller } from './iam/caller.js';
import { iamOperations } from './iam/iam-operations.js';
import { type Key } from './kms/key.js';
import { changesKms, performKms } from './kms/kms-service.js';
import { type Sandbox } from './sandbox.js';
import { performSts } from './sts/sts-operations.js';
import { type Answer, jsonOk, queryOk, refusalAnswer } from './wire/answer.js';
import { AwsJsonError } from './wire/aws-json.js';
import { AwsQueryError, type QueryResult } from './wire/aws-query.js';
import { header, type ReceivedRequest } from './wire/received-request.js';
import { type RequestFacts } from './wire/request-facts.js';
import { type Route } from './wire/route.js';
import { isRecord } from './wire/shape.js';
import { verifySignature, type VerifiedSignature } from './wire/sigv4.js';

export interface Performed {
  answer: Answer;
  /** Whether something was created or changed that has to be saved before the answer leaves. */
  changed: boolean;
  /** Keys the call spoke of. */
  keys: readonly Key[];
}

/** Authenticates a request, does what it asks and puts the outcome in the words of its protocol. Never throws. */
export async function perform(sandbox: Sandbox, request: ReceivedRequest, route: Route | undefined): Promise<Performed> {
  const keys: Key[] = [];
  try {
    if (!route) throw new AwsJsonError('UnknownOperationException', undefined, 404);
    const now = sandbox.clock.now();
    const proof = verifySignature(request, { service: route.service, now, findCredential: (id) => sandbox.iam.findCredential(id) });
    const answer = await performRoute(sandbox, request, route, proof, now, keys);
    return { answer, changed: changes(route), keys };
  } catch (error) {
    return { answer: refusalAnswer(request, route, error) ?? unforeseen(request, route, error), changed: false, keys };
  }
}

async function performRoute(
  sandbox: Sandbox,
  request: ReceivedRequest,
  route: Route,
  { credential: { caller }, region }: VerifiedSignature,
  now: number,
  resolved: Key[],
): Promise<Answer> {
  const facts = requestFacts(request, region, now);
  if (route.protocol === 'json') {
    const { operation } = route;
    const body = jsonBody(request.body);
    if (route.service === 'cloudtrail') return jsonOk(performCloudTrail(sandbox, { ...facts, caller }, operation, body));
    return jsonOk(await performKms(sandbox.trail, { ...facts, caller, operation, world: sandbox, resolved }, body));
  }
  refuseRepeated(route.params);
  const call = { ...facts, caller, params: route.params, state: sandbox.iam, trail: sandbox.trail };
  const result = route.service === 'sts' ? performSts(call, route.operation) : performIam(call, route.operation);
  return queryOk(request, route, result);
}

function performCloudTrail(
  sandbox: Sandbox,
  facts: RequestFacts & { caller: Caller },
  operation: string,
  body: Readonly<Record<string, unknown>>,
) {
  if (operation !== 'LookupEvents') throw new AwsJsonError('UnknownOperationException');
  sandbox.keys.settleAll(); // deletions that have fallen due belong into the trail
  return lookupEvents({ ...facts, iam: sandbox.iam, trail: sandbox.trail }, body);
}

function performIam(call: Parameters<(typeof iamOperations)[string]>[0], operation: string): QueryResult {
  const perform = Object.hasOwn(iamOperations, operation) ? iamOperations[operation] : undefined;
  if (!perform) throw new AwsQueryError('InvalidAction', 400, `Could not find operation ${operation} for version 2010-05-08`);
  return perform(call);
}

const requestFacts = (request: ReceivedRequest, region: string, now: number): RequestFacts => ({
  region,
  now,
  requestId: request.requestId,
  sourceIp: request.sourceIp,
  userAgent: header(request, 'user-agent') ?? '',
  host: header(request, 'host') ?? '',
});

/** @throws AwsJsonError SerializationException; the text says nothing of the body, which may hold a plaintext */
function jsonBody(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
    if (isRecord(parsed)) return parsed;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new AwsJsonError('SerializationException', 'The request body is no JSON object.');
}

function refuseRepeated(params: URLSearchParams): void {
  const names = [...params.keys()];
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw new AwsQueryError('MalformedInput', 400, `The parameter ${repeated} was sent more than once.`);
}

function changes({ service, operation }: Route): boolean {
  switch (service) {
    case 'kms':
      return changesKms(operation);
    case 'sts':
      return operation !== 'GetCallerIdentity';
    case 'iam':
      return !/^(Get|List)/.test(operation);
    case 'cloudtrail':
      return false;
  }
}

/** A defect of the sandbox: told to whoever runs it, hidden from the client as AWS hides its own. */
function unforeseen(request: ReceivedRequest, route: Route | undefined, error: unknown): Answer {
  console.error(`request ${request.requestId} (${route?.service ?? 'unknown'} ${route?.operation ?? ''}) failed:`, error);
  const failure =
    route?.protocol === 'query' ? new AwsQueryError('InternalFailure', 500, '') : new AwsJsonError('InternalFailure', undefined, 500);
  const answer = refusalAnswer(request, route, failure);
  if (!answer) throw new Error('an internal failure has an answer in every protocol', { cause: error });
  return answer;
}
