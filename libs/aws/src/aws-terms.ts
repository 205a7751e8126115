import { AWS_LIMITS, type AwsLimits, type AwsOptions } from './aws-options.js';
import { type Clock, systemClock } from './clock.js';
import type { AwsRegion, RegionPair } from './regions.js';
import { RetryBudget } from './retry-budget.js';
import { SilentRegions } from './silent-regions.js';

/** On what terms AWS is asked: where, how long, how often. One for the process. */
export interface AwsTerms {
  readonly regions: RegionPair;
  readonly limits: AwsLimits;
  readonly clock: Clock;
  readonly random: () => number;
  readonly budgetOf: (region: AwsRegion) => RetryBudget;
  /** All Regions' STS give the same answer, so that nothing but time depends on the order: one time-out changes it. */
  readonly stsSilence: SilentRegions;
  /**
   * By vault. Each Region's key is a decision of its owner's, so that the main Region comes first while it can be asked at all,
   * and is tried again soon.
   */
  readonly kmsSilence: SilentRegions;
}

export function awsTerms({ regions, limits, clock = systemClock, random = Math.random }: AwsOptions): AwsTerms {
  const budgets = new Map<AwsRegion, RetryBudget>();
  const budgetOf = (region: AwsRegion) => {
    const budget = budgets.get(region) ?? new RetryBudget();
    budgets.set(region, budget);
    return budget;
  };
  const stsSilence = new SilentRegions(clock, { afterTimeOuts: 1, forMs: 30_000 });
  const kmsSilence = new SilentRegions(clock, { afterTimeOuts: 3, forMs: 5_000 });
  return { regions, limits: { ...AWS_LIMITS, ...limits }, clock, random, budgetOf, stsSilence, kmsSilence };
}

/** Those in which STS is asked, in the order of preference. */
export function stsRegionsInOrder({ regions: { main, replica }, stsSilence }: AwsTerms): AwsRegion[] {
  return stsSilence.inOrder('sts', [main, replica]);
}
