import { AwsError } from './aws-error.js';
import type { AwsTerms } from './aws-terms.js';
import type { Deadline } from './deadline.js';
import { type Outcome, OUTCOMES } from './outcomes.js';
import type { AwsRegion } from './regions.js';

export interface Question<T> {
  /** In the order of preference. One Region only where no other may stand in for it. */
  regions: readonly AwsRegion[];
  deadline: Deadline;
  /** One request. Rejects with AwsError. */
  attempt: (region: AwsRegion) => Promise<T>;
  /** Replaces credentials that AWS called expired. Called at most once. */
  renew: () => Promise<void> | void;
}

type Conditions = Pick<AwsTerms, 'clock' | 'random' | 'budgetOf'>;

/**
 * Asks one Region after the other, as far as the outcomes allow it: a Region that could not be asked is followed by the next,
 * a refusal ends everything. Rejects with the last AwsError.
 */
export async function askRegions<T>(question: Question<T>, conditions: Conditions): Promise<T> {
  const patient = { ...question, attempt: withOneRenewal(question) };
  let last: unknown = new AwsError('could-not-ask', { awsError: 'TimeoutError' });
  for (const region of question.regions) {
    if (question.deadline.remainingMs === 0) break;
    try {
      return await askRegion(region, patient, conditions);
    } catch (error) {
      last = error;
      if (!reactionTo(error)?.otherRegion) break;
    }
  }
  throw last;
}

function withOneRenewal<T>({ attempt, renew }: Question<T>): (region: AwsRegion) => Promise<T> {
  let isRenewed = false;
  return async (region) => {
    try {
      return await attempt(region);
    } catch (error) {
      if (isRenewed || !(error instanceof AwsError) || error.code !== 'expired-credentials') throw error;
      isRenewed = true;
      await renew();
      return attempt(region);
    }
  };
}

async function askRegion<T>(region: AwsRegion, { attempt, deadline }: Question<T>, conditions: Conditions): Promise<T> {
  const { clock, random, budgetOf } = conditions;
  budgetOf(region).earn();
  for (let retries = 0; ; retries += 1) {
    try {
      return await attempt(region);
    } catch (error) {
      const pauseMs = pauseBeforeRetry(error, retries, random);
      if (pauseMs === undefined || pauseMs >= deadline.remainingMs || !budgetOf(region).spend()) throw error;
      await clock.sleep(pauseMs);
    }
  }
}

/** Undefined when this Region is not asked again. A time-out is never repeated: it has used up the Region's share of the time. */
function pauseBeforeRetry(error: unknown, retries: number, random: () => number): number | undefined {
  const reaction = reactionTo(error);
  if (reaction === undefined || retries >= reaction.retries || isTimeOut(error)) return undefined;
  return reaction.backOffMs * 2 ** retries * (0.5 + random());
}

/** No answer came in time. */
export function isTimeOut(error: unknown): boolean {
  return error instanceof AwsError && (error.facts.awsError === 'TimeoutError' || error.facts.awsError === 'ETIMEDOUT');
}

function reactionTo(error: unknown): (typeof OUTCOMES)[Outcome] | undefined {
  return error instanceof AwsError && isOutcome(error.code) ? OUTCOMES[error.code] : undefined;
}

function isOutcome(code: string): code is Outcome {
  return Object.hasOwn(OUTCOMES, code);
}
