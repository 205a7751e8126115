import { expect, test } from '@jest/globals';
import { BucketsWithLocalCap } from './buckets-with-local-cap.js';
import { LocalBuckets } from './local-buckets.js';
import type { Buckets, Granted } from './rate.js';
import { TestClock } from './testing/test-clock.js';

const RATE = { perSecond: 10, burst: 20 };

function aWorld(answer: () => Promise<Granted>) {
  const clock = new TestClock();
  const causes: unknown[] = [];
  let asked = 0;
  const shared: Buckets = {
    draw: () => {
      asked += 1;
      return answer();
    },
  };
  const buckets = new BucketsWithLocalCap(shared, new LocalBuckets(RATE, clock.now), clock.now, (cause) => causes.push(cause));
  return { clock, causes, buckets, asked: () => asked };
}

test('the shared buckets decide as long as they answer', async () => {
  const { buckets, causes } = aWorld(() => Promise.resolve({ granted: 3, left: 4 }));
  expect(await buckets.draw('w', 5)).toEqual({ granted: 3, left: 4 });
  expect(causes).toEqual([]);
});

test('when they fail, a node lets in the rate by itself for 10 s, says so once, and then asks again', async () => {
  const gone = new Error('gone');
  const { buckets, causes, clock, asked } = aWorld(() => Promise.reject(gone));
  expect(await buckets.draw('w', 15)).toEqual({ granted: 15, left: 5 });
  expect(await buckets.draw('w', 15)).toEqual({ granted: 5, left: 0 });
  expect(await buckets.draw('w', 15)).toEqual({ granted: 0, left: 0 });
  clock.pass(500);
  expect(await buckets.draw('w', 15)).toEqual({ granted: 5, left: 0 });
  expect(asked()).toBe(1);
  expect(causes).toEqual([gone]);
  clock.pass(10_000);
  await buckets.draw('w', 1);
  expect(asked()).toBe(2);
});

test('when they do not answer, nobody waits for them for ever', async () => {
  const { buckets, causes } = aWorld(() => new Promise(() => undefined));
  expect(await buckets.draw('w', 15)).toEqual({ granted: 15, left: 5 });
  expect(causes).toHaveLength(1);
});
