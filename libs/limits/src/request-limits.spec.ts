import { describe, expect, test } from '@jest/globals';
import { LocalBuckets } from './local-buckets.js';
import { RequestLimits } from './request-limits.js';
import { TestClock } from './testing/test-clock.js';

const LIMITS = { requests: { perSecond: 50, burst: 100 }, bytes: { perSecond: 1_000, burst: 60_000 }, atOnceMax: 4 };

function aNode() {
  const clock = new TestClock();
  const buckets = { requests: new LocalBuckets(LIMITS.requests, clock.now), bytes: new LocalBuckets(LIMITS.bytes, clock.now) };
  return { clock, limits: new RequestLimits(LIMITS, buckets, clock.now) };
}

/** Requests one after the other until one is refused; answers how many there were, and the refusal. */
async function untilRefused(limits: RequestLimits, workspace: string, bytes = 0): Promise<{ count: number; refusal: unknown }> {
  for (let count = 0; ; count++) {
    try {
      (await limits.enter(workspace, bytes)).end();
    } catch (refusal) {
      return { count, refusal };
    }
  }
}

describe('the limits of a workspace', () => {
  test('are told as the policies of a RateLimit-Policy field', () => {
    expect(aNode().limits.policy).toBe(
      '"requests";q=100;w=2, "bytes";q=60000;qu="content-bytes";w=60, "at-once";q=4;qu="concurrent-requests"',
    );
  });

  test('tell with every request what is left', async () => {
    const { limits } = aNode();
    expect((await limits.enter('acme', 0)).rateLimit).toBe('"requests";r=99, "bytes";r=60000, "at-once";r=3');
    expect((await limits.enter('acme', 50)).rateLimit).toBe('"requests";r=98, "bytes";r=59950, "at-once";r=2');
  });

  test('refuse requests beyond the burst, by name and with the time to wait, and let more in with time', async () => {
    const { limits, clock } = aNode();
    const { count, refusal } = await untilRefused(limits, 'acme');
    expect(count).toBe(LIMITS.requests.burst + 5);
    expect(refusal).toMatchObject({ code: 'too_many_requests', facts: { limit: 'requests', retryAfterSeconds: 1 } });
    clock.pass(1_000);
    expect((await untilRefused(limits, 'acme')).count).toBe(50);
  });

  test('refuse bytes beyond the burst', async () => {
    const { limits } = aNode();
    const { count, refusal } = await untilRefused(limits, 'acme', 10_000);
    expect(count).toBe(7);
    expect(refusal).toMatchObject({ code: 'too_many_requests', facts: { limit: 'bytes', retryAfterSeconds: 10 } });
    await expect(limits.enter('acme', 0)).resolves.toBeDefined();
  });

  test('refuse more requests at once than may be under way, until one is over', async () => {
    const { limits } = aNode();
    const stays = await Promise.all(Array.from({ length: 4 }, () => limits.enter('acme', 0)));
    const busy = { code: 'workspace_busy', facts: { limit: 'at-once', retryAfterSeconds: 1 } };
    await expect(limits.enter('acme', 0)).rejects.toMatchObject(busy);
    stays[0]?.end();
    await expect(limits.enter('acme', 0)).resolves.toBeDefined();
    await expect(limits.enter('acme', 0)).rejects.toMatchObject(busy);
  });

  test('count no request as under way that was refused', async () => {
    const { limits, clock } = aNode();
    await untilRefused(limits, 'acme');
    for (let n = 0; n < 10; n++) await expect(limits.enter('acme', 0)).rejects.toMatchObject({ code: 'too_many_requests' });
    clock.pass(1_000);
    expect((await limits.enter('acme', 0)).rateLimit).toContain('"at-once";r=3');
  });

  test('of one workspace are none of another', async () => {
    const { limits } = aNode();
    await untilRefused(limits, 'acme');
    await untilRefused(limits, 'acme', 60_000);
    for (let n = 0; n < 3; n++) await limits.enter('globex', 0);
    expect((await limits.enter('globex', 0)).rateLimit).toBe('"requests";r=96, "bytes";r=60000, "at-once";r=0');
  });
});
