import { type Span, SpanKind } from '@opentelemetry/api';
import { inSpan } from '#telemetry';
import type { AwsCall, Trail } from './aws-call.js';
import { AwsError } from './aws-error.js';
import type { Deadline } from './deadline.js';
import { denialOf } from './denial.js';
import { type FailedAnswer, failedAnswer, isIntelligible } from './failed-answer.js';
import type { Outcome } from './outcomes.js';
import type { AwsRegion, AwsService } from './regions.js';
import { awsCalls } from './signals.js';

interface Request<T> {
  service: AwsService;
  operation: string;
  region: AwsRegion;
  accessKeyId?: string;
  send: (signal: AbortSignal) => Promise<T>;
  outcomeOf: (answer: FailedAnswer) => Outcome;
  deadline: Deadline;
  attemptMs: number;
  trail: Trail;
}

/** Notes how a request ended, once. */
type Note = (call: AwsCall) => void;

/** Sends one request within its time, writes it to the trail however it ends, and turns failure into AwsError. */
export function send<T extends { $metadata: { requestId?: string } }>(request: Request<T>): Promise<T> {
  const { service, operation, region } = request;
  const attributes = { 'rpc.system': 'aws-api', 'rpc.service': service, 'rpc.method': operation, 'cloud.region': region };
  return inSpan(`${service}.${operation}`, { kind: SpanKind.CLIENT, attributes }, (span) => answered(request, noteFor(request, span)));
}

async function answered<T extends { $metadata: { requestId?: string } }>(request: Request<T>, note: Note): Promise<T> {
  try {
    const answer = await request.deadline.within(request.attemptMs, request.send);
    note({ ...callOf(request), outcome: 'ok', ...withId(answer.$metadata.requestId) });
    return answer;
  } catch (rejection) {
    throw failed(request, rejection, note);
  }
}

function noteFor({ trail }: Request<unknown>, span: Span): Note {
  const sentAt = performance.now();
  return (call) => {
    trail.push(call);
    awsCalls.tell({ call, seconds: (performance.now() - sentAt) / 1_000 });
    span.setAttribute('keyhold.outcome', call.outcome);
    if (call.requestId !== undefined) span.setAttribute('aws.request_id', call.requestId);
    if (call.awsError !== undefined) span.setAttribute('error.type', call.awsError);
  };
}

function failed(request: Request<unknown>, rejection: unknown, note: Note): AwsError {
  if (rejection instanceof AwsError) {
    note({ ...callOf(request), outcome: 'unknown', ...withError(rejection.facts.awsError) });
    return new AwsError(rejection.code, { ...placeOf(request), ...rejection.facts });
  }
  const answer = failedAnswer(rejection);
  const outcome = request.outcomeOf(answer);
  note({ ...callOf(request), outcome: callOutcome(answer, outcome), ...withId(answer.requestId), ...withError(answer.name) });
  return new AwsError(outcome, {
    ...placeOf(request),
    ...withError(answer.name),
    ...withId(answer.requestId),
    ...(outcome === 'refused' && { denial: denialOf(answer.message) }),
  });
}

function callOutcome(answer: FailedAnswer, outcome: Outcome): AwsCall['outcome'] {
  if (!isIntelligible(answer)) return 'unknown';
  return outcome === 'refused' || outcome === 'pending-deletion' ? 'refused' : 'failed';
}

function placeOf({ service, operation, region }: Request<unknown>) {
  return { service, operation, region };
}

function callOf({ service, operation, region, accessKeyId }: Request<unknown>) {
  return { service, operation, region, ...(accessKeyId !== undefined && { accessKeyId }) };
}

function withId(requestId: string | undefined) {
  return requestId === undefined ? {} : { requestId };
}

function withError(awsError: string | undefined) {
  return awsError === undefined ? {} : { awsError };
}
