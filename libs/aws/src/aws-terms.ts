import { AWS_LIMITS, type AwsLimits, type AwsOptions } from './aws-options.js';
import { type Clock, systemClock } from './clock.js';
import type { AwsRegion, RegionPair } from './regions.js';
import { RetryBudget } from './retry-budget.js';
import { StsRegions } from './sts-regions.js';

/** On what terms AWS is asked: where, how long, how often. One for the process. */
export interface AwsTerms {
  readonly regions: RegionPair;
  readonly limits: AwsLimits;
  readonly clock: Clock;
  readonly random: () => number;
  readonly budgetOf: (region: AwsRegion) => RetryBudget;
  readonly stsRegions: StsRegions;
}

export function awsTerms({ regions, limits, clock = systemClock, random = Math.random }: AwsOptions): AwsTerms {
  const budgets = new Map<AwsRegion, RetryBudget>();
  const budgetOf = (region: AwsRegion) => {
    const budget = budgets.get(region) ?? new RetryBudget();
    budgets.set(region, budget);
    return budget;
  };
  return { regions, limits: { ...AWS_LIMITS, ...limits }, clock, random, budgetOf, stsRegions: new StsRegions(regions, clock) };
}
