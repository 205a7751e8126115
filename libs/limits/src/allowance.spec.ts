import { describe, expect, test } from '@jest/globals';
import { Allowance } from './allowance.js';
import { LocalBuckets } from './local-buckets.js';
import type { Granted, Rate } from './rate.js';
import { TestClock } from './testing/test-clock.js';

const RATE: Rate = { perSecond: 100, burst: 200 };
const W = 'a workspace';

/** Nodes that draw from one bucket, and how often they asked it. */
function aWorld({ nodes = 1, rate = RATE }: { nodes?: number; rate?: Rate } = {}) {
  const clock = new TestClock();
  const bucket = new LocalBuckets(rate, clock.now);
  const world = { clock, draws: 0, allowances: [] as Allowance[] };
  const draw = (asked: number) => {
    world.draws += 1;
    return bucket.draw(W, asked);
  };
  world.allowances = Array.from({ length: nodes }, () => new Allowance(rate, draw, clock.now));
  return world;
}

const letIn = async (allowance: Allowance, count: number): Promise<number> =>
  (await Promise.all(Array.from({ length: count }, () => allowance.take(1)))).filter(Boolean).length;

/** So many requests on each node in each hundredth of a second; answers how many were let in. */
async function flood({ clock, allowances }: ReturnType<typeof aWorld>, { seconds, each }: { seconds: number; each: number }) {
  let count = 0;
  for (let step = 0; step < seconds * 100; step++) {
    for (const allowance of allowances) count += await letIn(allowance, each);
    clock.pass(10);
  }
  return count;
}

describe('an allowance', () => {
  test.each([1, 2, 3, 8])('lets in within 5 %% of its rate on %i nodes that are flooded', async (nodes) => {
    const world = aWorld({ nodes });
    await flood(world, { seconds: 10, each: 3 }); // the burst is over
    const count = await flood(world, { seconds: 60, each: 3 });
    expect(count).toBeLessThanOrEqual(60 * RATE.perSecond * 1.05);
    expect(count).toBeGreaterThanOrEqual(60 * RATE.perSecond * 0.95);
  });

  test('lets in the burst and a tenth of a second for each node, when all come at once', async () => {
    const { allowances } = aWorld({ nodes: 3 });
    const counts = await Promise.all(allowances.map((allowance) => letIn(allowance, 1_000)));
    expect(counts.reduce((sum, count) => sum + count)).toBe(RATE.burst + 3 * 10);
  });

  test('refuses nothing below its rate', async () => {
    const world = aWorld({ nodes: 2, rate: { perSecond: 200, burst: 200 } });
    expect(await flood(world, { seconds: 20, each: 1 })).toBe(2 * 20 * 100);
  });

  test('asks the shared bucket once for many requests', async () => {
    const world = aWorld({ rate: { perSecond: 1_000, burst: 2_000 } });
    await flood(world, { seconds: 10, each: 5 });
    expect(world.draws).toBeLessThanOrEqual((10 * 500) / 50);
  });

  test('asks an empty bucket at most every 20 ms, however many requests come', async () => {
    const world = aWorld();
    await letIn(world.allowances[0] ?? never(), 500);
    world.draws = 0;
    for (let step = 0; step < 100; step++) {
      await letIn(world.allowances[0] ?? never(), 50);
      world.clock.pass(1);
    }
    expect(world.draws).toBeLessThanOrEqual(100 / 20 + 1);
  });

  test('lets a request wait for an answer that is under way, and does not refuse it unheard', async () => {
    const clock = new TestClock();
    const { promise: answer, resolve } = Promise.withResolvers<Granted>();
    const allowance = new Allowance(RATE, () => answer, clock.now);
    expect(await letIn(allowance, 10)).toBe(10);
    const eleventh = allowance.take(1);
    resolve({ granted: 5, left: 195 });
    expect(await eleventh).toBe(true);
  });

  test('lets in what costs more than there is while there is anything, and then nothing until that is made up for', async () => {
    const { clock, allowances } = aWorld();
    const [allowance = never()] = allowances;
    expect([await allowance.take(150), await allowance.take(150), await allowance.take(1)]).toEqual([true, true, false]);
    expect(allowance.waitSeconds).toBe(1);
    clock.pass(900);
    expect(await allowance.take(1)).toBe(false);
    clock.pass(100);
    expect(await allowance.take(1)).toBe(true);
  });

  test('tells what is left: all at first, nothing when it is empty, more with time', async () => {
    const { clock, allowances } = aWorld();
    const [allowance = never()] = allowances;
    expect(allowance.left).toBe(200);
    await letIn(allowance, 50);
    expect(allowance.left).toBe(150);
    await letIn(allowance, 500);
    expect(allowance.left).toBe(0);
    clock.pass(1_000);
    expect(allowance.left).toBe(90);
    clock.pass(60_000);
    expect(allowance.left).toBe(190);
  });
});

function never(): never {
  throw new Error('no allowance');
}
