import { describe, expect, test } from '@jest/globals';
import { Deadline } from './deadline.js';
import { systemClock } from './clock.js';
import { VaultBulkheads } from './vault-bulkheads.js';

const CALLS = 2;
const QUEUE = 3;
const aDeadline = () => new Deadline(systemClock, 60_000);
const never = () => new Promise<string>(() => undefined);
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('VaultBulkheads', () => {
  test('one vault that hangs keeps no other vault from anything', async () => {
    const bulkheads = new VaultBulkheads(CALLS, QUEUE);
    for (let call = 0; call < CALLS + QUEUE; call += 1) void bulkheads.run('hanging', aDeadline(), never);
    expect(await bulkheads.run('other', aDeadline(), () => Promise.resolve('done'))).toBe('done');
  });

  test('tells a vault whose queue is full that it is busy, without delay', async () => {
    const bulkheads = new VaultBulkheads(CALLS, QUEUE);
    for (let call = 0; call < CALLS + QUEUE; call += 1) void bulkheads.run('hanging', aDeadline(), never);
    await expect(bulkheads.run('hanging', aDeadline(), never)).rejects.toMatchObject({ code: 'busy' });
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
    void bulkheads.run('v', aDeadline(), never);
    await expect(bulkheads.run('v', new Deadline(systemClock, 5), never)).rejects.toMatchObject({ code: 'could-not-ask' });
  });
});
