import type { AwsCall, Trail } from './aws-call.js';
import { AwsError } from './aws-error.js';
import type { Deadline } from './deadline.js';
import { denialOf } from './denial.js';
import { type FailedAnswer, failedAnswer, isIntelligible } from './failed-answer.js';
import type { Outcome } from './outcomes.js';
import type { AwsRegion, AwsService } from './regions.js';

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

/** Sends one request within its time, writes it to the trail however it ends, and turns failure into AwsError. */
export async function send<T extends { $metadata: { requestId?: string } }>(request: Request<T>): Promise<T> {
  try {
    const answer = await request.deadline.within(request.attemptMs, request.send);
    request.trail.push({ ...callOf(request), outcome: 'ok', ...withId(answer.$metadata.requestId) });
    return answer;
  } catch (rejection) {
    throw noted(request, rejection);
  }
}

function noted(request: Request<unknown>, rejection: unknown): AwsError {
  if (rejection instanceof AwsError) {
    request.trail.push({ ...callOf(request), outcome: 'unknown', ...withError(rejection.facts.awsError) });
    return new AwsError(rejection.code, { ...placeOf(request), ...rejection.facts });
  }
  const answer = failedAnswer(rejection);
  const outcome = request.outcomeOf(answer);
  request.trail.push({ ...callOf(request), outcome: callOutcome(answer, outcome), ...withId(answer.requestId), ...withError(answer.name) });
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
