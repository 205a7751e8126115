import { describe, expect, test } from '@jest/globals';
import { AwsError } from './aws-error.js';
import { regionPair } from './regions.js';
import { StsRegions } from './sts-regions.js';
import { TestClock } from './testing/test-clock.js';

const MAIN = 'us-east-2';
const REPLICA = 'us-west-2';

const silence = () => Promise.reject(new AwsError('could-not-ask', { awsError: 'TimeoutError' }));

function theRegions() {
  const clock = new TestClock();
  const regions = new StsRegions(regionPair(MAIN, REPLICA), clock);
  const notAnswered = async (region: typeof MAIN | typeof REPLICA, request: () => Promise<unknown>) => {
    await expect(regions.observed(region, request())).rejects.toBeInstanceOf(AwsError);
  };
  return { clock, regions, notAnswered };
}

describe('the order in which STS is asked', () => {
  test('begins with the main Region', () => {
    expect(theRegions().regions.inOrder()).toEqual([MAIN, REPLICA]);
  });

  test('leaves a silent Region for last, for 30 seconds', async () => {
    const { clock, regions, notAnswered } = theRegions();
    await notAnswered(MAIN, silence);
    expect(regions.inOrder()).toEqual([REPLICA, MAIN]);
    clock.advance(30_000);
    expect(regions.inOrder()).toEqual([MAIN, REPLICA]);
  });

  test('begins with the main Region again as soon as it answers', async () => {
    const { regions, notAnswered } = theRegions();
    await notAnswered(MAIN, silence);
    expect(await regions.observed(MAIN, Promise.resolve('session'))).toBe('session');
    expect(regions.inOrder()).toEqual([MAIN, REPLICA]);
  });

  test('begins with the main Region when neither answers', async () => {
    const { regions, notAnswered } = theRegions();
    await notAnswered(MAIN, silence);
    await notAnswered(REPLICA, silence);
    expect(regions.inOrder()).toEqual([MAIN, REPLICA]);
  });

  test.each(['refused', 'throttled', 'could-not-ask'] as const)('does not change for an answer that came: %s', async (code) => {
    const { regions, notAnswered } = theRegions();
    await notAnswered(MAIN, () => Promise.reject(new AwsError(code, { awsError: 'InternalFailure' })));
    expect(regions.inOrder()).toEqual([MAIN, REPLICA]);
  });
});
