import { describe, expect, test } from '@jest/globals';
import { askRegions } from './ask-regions.js';
import { AwsError, type AwsErrorCode } from './aws-error.js';
import { Deadline } from './deadline.js';
import type { AwsRegion } from './regions.js';
import { RetryBudget } from './retry-budget.js';
import { TestClock } from './testing/test-clock.js';

const MAIN: AwsRegion = 'us-east-2';
const REPLICA: AwsRegion = 'us-west-2';

type Script = Partial<Record<AwsRegion, (AwsErrorCode | 'ok')[]>>;

/** Asks Regions that answer by script, the last word repeating, and tells who was asked in which order. */
async function asked(script: Script, { totalMs = 4_000, attemptTakesMs = 0, timesOut = false } = {}) {
  const clock = new TestClock();
  const order: AwsRegion[] = [];
  let renewals = 0;
  const attempt = (region: AwsRegion): Promise<string> => {
    order.push(region);
    clock.advance(attemptTakesMs);
    const words = script[region] ?? [];
    const word = words.length > 1 ? words.shift() : words[0];
    if (word === 'ok') return Promise.resolve(`from ${region}`);
    return Promise.reject(new AwsError(word ?? 'ours', timesOut ? { region, awsError: 'TimeoutError' } : { region }));
  };
  const budget = new RetryBudget();
  const outcome = await askRegions(
    { regions: [MAIN, REPLICA], deadline: new Deadline(clock, totalMs), attempt, renew: () => void (renewals += 1) },
    { clock, random: () => 0.5, budgetOf: () => budget },
  ).catch((error: unknown) => error);
  return { outcome, order, renewals, sleeps: clock.sleeps };
}

describe('askRegions', () => {
  test('asks the main Region and no other when it answers', async () => {
    expect(await asked({ [MAIN]: ['ok'] })).toMatchObject({ outcome: `from ${MAIN}`, order: [MAIN] });
  });

  test.each<AwsErrorCode>(['could-not-ask', 'throttled', 'passing'])(
    'goes on to the other Region after %s, having tried again',
    async (code) => {
      const { outcome, order } = await asked({ [MAIN]: [code], [REPLICA]: ['ok'] });
      expect(outcome).toBe(`from ${REPLICA}`);
      expect(order.filter((region) => region === MAIN).length).toBeGreaterThan(1);
      expect(order.at(-1)).toBe(REPLICA);
    },
  );

  test.each<AwsErrorCode>(['refused', 'pending-deletion', 'ours', 'busy', 'platform'])(
    'stops at %s: no other Region is asked',
    async (code) => {
      const { outcome, order } = await asked({ [MAIN]: [code], [REPLICA]: ['ok'] });
      expect(outcome).toMatchObject({ code });
      expect(order).toEqual([MAIN]);
    },
  );

  test('takes the refusal of the Region that could be asked as the answer', async () => {
    expect((await asked({ [MAIN]: ['could-not-ask'], [REPLICA]: ['refused'] })).outcome).toMatchObject({ code: 'refused' });
  });

  test('does not repeat a time-out in the same Region', async () => {
    const { order } = await asked({ [MAIN]: ['could-not-ask'], [REPLICA]: ['ok'] }, { timesOut: true });
    expect(order).toEqual([MAIN, REPLICA]);
  });

  test('renews expired credentials once and asks the same Region again', async () => {
    expect(await asked({ [MAIN]: ['expired-credentials', 'ok'] })).toMatchObject({
      outcome: `from ${MAIN}`,
      order: [MAIN, MAIN],
      renewals: 1,
    });
  });

  test('gives up when renewed credentials are called expired too', async () => {
    const { outcome, order, renewals } = await asked({ [MAIN]: ['expired-credentials'], [REPLICA]: ['ok'] });
    expect(outcome).toMatchObject({ code: 'expired-credentials' });
    expect({ order, renewals }).toEqual({ order: [MAIN, MAIN], renewals: 1 });
  });

  test('starts nothing once the time is over', async () => {
    const { outcome, order } = await asked({ [MAIN]: ['could-not-ask'], [REPLICA]: ['ok'] }, { totalMs: 1_000, attemptTakesMs: 1_000 });
    expect(outcome).toMatchObject({ code: 'could-not-ask' });
    expect(order).toEqual([MAIN]);
  });

  test('does not wait for longer than the time that is left', async () => {
    const { sleeps } = await asked({ [MAIN]: ['throttled'], [REPLICA]: ['throttled'] }, { totalMs: 400 });
    expect(sleeps).toEqual([]);
  });

  test('passes on what is not AWS’s failure', async () => {
    const clock = new TestClock();
    const bug = new TypeError('a bug');
    const question = { regions: [MAIN], deadline: new Deadline(clock, 1), attempt: () => Promise.reject(bug), renew: () => undefined };
    await expect(askRegions(question, { clock, random: () => 0, budgetOf: () => new RetryBudget() })).rejects.toBe(bug);
  });
});

test('retries stay under a tenth of the calls once the reserve is spent', () => {
  const budget = new RetryBudget();
  let retries = 0;
  for (let call = 0; call < 10_000; call += 1) {
    budget.earn();
    if (budget.spend()) retries += 1;
  }
  expect(retries).toBeLessThanOrEqual(1_010);
  expect(retries).toBeGreaterThan(900);
});
