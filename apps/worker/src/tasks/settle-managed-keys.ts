import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { theSystem } from '#access';
import type { WorkerDatabase } from '#database';
import { type SettleManagedKeys, workspacesWithDueKeys } from '#vaults';

/** Keys that the service made for vaults which then were not finished, or are deleted, come to their end. */
export function settleTask(database: WorkerDatabase, settle: SettleManagedKeys, log: Logger): () => Promise<void> {
  return async () => {
    for (const workspaceId of await workspacesWithDueKeys(database)) {
      const counts = await settle.run(theSystem(workspaceId, randomUUID()));
      log.info({ task: 'settle-managed-keys', workspaceId, counts }, 'task done');
    }
  };
}
