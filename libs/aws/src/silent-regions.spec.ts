import { describe, expect, test } from '@jest/globals';
import { AwsError } from './aws-error.js';
import { SilentRegions } from './silent-regions.js';
import { TestClock } from './testing/test-clock.js';

const MAIN = 'us-east-2';
const REPLICA = 'us-west-2';
const BOTH = [MAIN, REPLICA] as const;
const REPLICA_FIRST = [REPLICA, MAIN];

const silence = () => Promise.reject(new AwsError('could-not-ask', { awsError: 'TimeoutError' }));

function theRegions({ afterTimeOuts = 1 } = {}) {
  const clock = new TestClock();
  const regions = new SilentRegions(clock, { afterTimeOuts, forMs: 5_000 });
  const notAnswered = async (region: (typeof BOTH)[number], request: () => Promise<unknown> = silence) => {
    await expect(regions.observed('a', region, request())).rejects.toBeInstanceOf(AwsError);
  };
  return { clock, regions, notAnswered, order: (whose = 'a') => regions.inOrder(whose, BOTH) };
}

describe('the order in which Regions are asked', () => {
  test('is the one given, as long as none keeps silent', () => {
    expect(theRegions().order()).toEqual(BOTH);
  });

  test('has a silent Region last until its time is over', async () => {
    const { clock, notAnswered, order } = theRegions();
    await notAnswered(MAIN);
    expect(order()).toEqual(REPLICA_FIRST);
    clock.advance(4_999);
    expect(order()).toEqual(REPLICA_FIRST);
    clock.advance(1);
    expect(order()).toEqual(BOTH);
  });

  test('has one request try the Region again, and no other before that is known', async () => {
    const { clock, regions, notAnswered, order } = theRegions();
    await notAnswered(MAIN);
    clock.advance(5_000);
    expect([order(), order(), order()]).toEqual([BOTH, REPLICA_FIRST, REPLICA_FIRST]);
    await regions.observed('a', MAIN, Promise.resolve('answer'));
    expect(order()).toEqual(BOTH);
  });

  test('changes only after so many time-outs in a row', async () => {
    const { regions, notAnswered, order } = theRegions({ afterTimeOuts: 3 });
    await notAnswered(MAIN);
    await notAnswered(MAIN);
    await regions.observed('a', MAIN, Promise.resolve('answer'));
    await notAnswered(MAIN);
    await notAnswered(MAIN);
    expect(order()).toEqual(BOTH);
    await notAnswered(MAIN);
    expect(order()).toEqual(REPLICA_FIRST);
  });

  test('is the one given when neither answers', async () => {
    const { notAnswered, order } = theRegions();
    await notAnswered(MAIN);
    await notAnswered(REPLICA);
    expect(order()).toEqual(BOTH);
  });

  test('is nobody else’s', async () => {
    const { notAnswered, order } = theRegions();
    await notAnswered(MAIN);
    expect(order('b')).toEqual(BOTH);
  });

  test('leaves out nothing and adds nothing', async () => {
    const { regions, notAnswered } = theRegions();
    await notAnswered(MAIN);
    expect(regions.inOrder('a', [MAIN])).toEqual([MAIN]);
  });

  test.each(['refused', 'throttled', 'could-not-ask'] as const)('comes back with an answer of any kind: %s', async (code) => {
    const { clock, notAnswered, order } = theRegions();
    const answered = () => Promise.reject(new AwsError(code, { awsError: 'InternalFailure' }));
    await notAnswered(MAIN, answered);
    expect(order()).toEqual(BOTH);
    await notAnswered(MAIN);
    clock.advance(5_000);
    await notAnswered(MAIN, answered);
    expect(order()).toEqual(BOTH);
  });
});
