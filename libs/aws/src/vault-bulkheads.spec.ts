import { afterEach, describe, expect, test } from '@jest/globals';
import { Deadline } from './deadline.js';
import { systemClock } from './clock.js';
import { VaultBulkheads } from './vault-bulkheads.js';

const CALLS = 2;
const QUEUE = 3;
const aDeadline = () => new Deadline(systemClock, 60_000);
const settle = () => new Promise((resolve) => setImmediate(resolve));

let hanging: { end: () => void; runs: Promise<string>[] } | undefined;
/** Nobody waits for a queued call any more when its time is over; it would then fail whichever test runs by then. */
afterEach(async () => {
  hanging?.end();
  await Promise.all(hanging?.runs ?? []);
  hanging = undefined;
});

/** So many calls to one vault whose key does not answer before the test is over. */
function hang(bulkheads: VaultBulkheads, vault: string, calls: number): void {
  const { promise, resolve } = Promise.withResolvers<string>();
  const runs = Array.from({ length: calls }, () => bulkheads.run(vault, aDeadline(), () => promise));
  hanging = { end: () => resolve('done'), runs };
}

describe('VaultBulkheads', () => {
  test('one vault that hangs keeps no other vault from anything', async () => {
    const bulkheads = new VaultBulkheads(CALLS, QUEUE);
    hang(bulkheads, 'hanging', CALLS + QUEUE);
    expect(await bulkheads.run('other', aDeadline(), () => Promise.resolve('done'))).toBe('done');
  });

  test('tells a vault whose queue is full that it is busy, without delay', async () => {
    const bulkheads = new VaultBulkheads(CALLS, QUEUE);
    hang(bulkheads, 'hanging', CALLS + QUEUE);
    await expect(bulkheads.run('hanging', aDeadline(), () => Promise.resolve('done'))).rejects.toMatchObject({ code: 'busy' });
  });

  test('never runs more of one vault’s calls at once than it may', async () => {
    const bulkheads = new VaultBulkheads(CALLS, QUEUE);
    let running = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, (running += 1));
      await settle();
      running -= 1;
    };
    await Promise.all(Array.from({ length: CALLS + QUEUE }, () => bulkheads.run('v', aDeadline(), work)));
    await Promise.all(Array.from({ length: CALLS + QUEUE }, () => bulkheads.run('v', aDeadline(), work)));
    expect(most).toBe(CALLS);
  });

  test('gives up waiting for a place when the time is over', async () => {
    const bulkheads = new VaultBulkheads(1, QUEUE);
    hang(bulkheads, 'v', 1);
    await expect(bulkheads.run('v', new Deadline(systemClock, 5), () => Promise.resolve('done'))).rejects.toMatchObject({
      code: 'could-not-ask',
    });
  });
});
