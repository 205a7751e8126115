import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { once } from 'node:events';
import type { JobView } from '#jobs';
import type { Running } from '../../harness/service.js';
import { type CrashWorld, NOTHING_FOUND, type Pair, aCrashWorld } from './crash-world.js';

jest.setTimeout(300_000);

const PRELOAD = resolve('test/harness/kill-at-commit.mjs');
/** More batches than one, of data keys and of items. */
const SMALL = { items: 60, versionsPerDataKey: 4 };

describe('a worker that is killed at a commit', () => {
  let world: CrashWorld;
  let pair: Pair;

  beforeAll(async () => {
    world = await aCrashWorld();
    pair = await world.aPair(SMALL);
  }, 120_000);
  afterAll(() => world.stop());

  /** Ends by itself at that commit, when it gets so far. */
  const aDoomedWorker = (at: number, when: 'before' | 'sent'): Promise<Running> =>
    world.keyhold.aWorker({ env: { NODE_OPTIONS: `--import=${PRELOAD}`, KILL_AT_COMMIT: String(at), KILL_WHEN: when } });
  /** As other workers do once they know that one is gone. */
  const free = () =>
    world.postgres.ask(`SELECT graphile_worker.force_unlock_workers(array_agg(locked_by)), pg_notify('jobs:insert', '{"count":9}')
      FROM graphile_worker._private_jobs WHERE locked_by IS NOT NULL`);
  const progressOf = ({ progress }: JobView) => progress;

  /** One run for each commit of the job, with a worker that dies there and another one that goes on; answers how many there were. */
  async function everyCommit(when: 'before' | 'sent', begin: () => Promise<JobView>): Promise<number> {
    for (let at = 1; ; at += 1) {
      const job = await begin();
      const doomed = await aDoomedWorker(at, when);
      await Promise.race([world.rest(job.id), once(doomed.process, 'exit')]);
      await doomed.stop();
      await free();
      if (doomed.process.signalCode !== 'SIGKILL') return at - 1; // it got to the end, and was asked to stop
      const other = await world.keyhold.aWorker();
      const done = await world.rest(job.id);
      await other.stop();
      expect(done).toMatchObject({
        state: 'completed',
        progress: { total: progressOf(job).total, done: progressOf(job).total, failed: 0 },
      });
      expect({ at, ...(await world.check([pair])) }).toEqual({ at, ...NOTHING_FOUND });
    }
  }

  test.each(['before', 'sent'] as const)('loses and doubles nothing of a vault that moves to another key: %s', async (when) => {
    let turn = 0;
    const commits = await everyCommit(when, () => {
      turn += 1;
      const awsKms = world.customers[turn % 2]?.target;
      return world.begin(`/vaults/${pair.first}/rekey`, { strategy: 'aws-kms', awsKms });
    });
    expect(commits).toBeGreaterThanOrEqual(5); // taken, two batches, the last word, the end
    console.log(`figure: rekey-commit-kills-${when} = ${commits}`);
  });

  test.each(['before', 'sent'] as const)('loses and doubles nothing of items that go to another vault: %s', async (when) => {
    let [from, to] = [pair.second, pair.first];
    const [{ held } = { held: 0 }] = await world.postgres.ask<{ held: number }>(
      'SELECT count(*)::integer AS held FROM items WHERE vault_id = $1',
      [pair.first],
    );
    if (held === 0) [from, to] = [to, from];
    const commits = await everyCommit(when, () => {
      [from, to] = [to, from];
      return world.begin('/item-moves', { sourceVaultId: from, targetVaultId: to });
    });
    expect(commits).toBeGreaterThanOrEqual(6);
    console.log(`figure: move-commit-kills-${when} = ${commits}`);
  });
});
