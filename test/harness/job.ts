import { randomUUID } from 'node:crypto';
import { RowMacs, theSystem } from '#access';
import { Database, IdempotencyRecords } from '#database';
import { RootKey } from '#envelope';
import { type JobKind, type JobParams, Jobs } from '#jobs';
import type { Keyhold } from './service.js';

/** What a worker of a story does, and no worker that is shipped: as many parts as it is told. */
export const COUNTING = 'test.count' as JobKind;

export interface JobOrder {
  kind?: JobKind;
  params?: JobParams;
  vaultId?: string;
}

/** A job put into the database as a use case would. Answers its id. */
export async function aJob(
  keyhold: Pick<Keyhold, 'database' | 'rootKey'>,
  workspaceId: string,
  { kind = COUNTING, params = { parts: 3 }, ...order }: JobOrder = {},
): Promise<string> {
  const rootKey = RootKey.fromBytes(Buffer.from(keyhold.rootKey));
  const database = new Database({ url: keyhold.database.serviceUrl, poolSize: 1 }, new IdempotencyRecords(rootKey));
  const jobs = new Jobs(new RowMacs(rootKey));
  const ctx = theSystem(workspaceId, randomUUID());
  try {
    return await database.act(ctx, async (tx) => {
      const { job, created } = await jobs.create(tx, ctx, { kind, params, ...order });
      return { result: job.jobId, event: created };
    });
  } finally {
    await database.close();
  }
}
