import type { Database } from '#database';
import type { DataKeys } from '../data-keys/data-keys.js';
import { type PurgeOrder, answerPurge, forgetOrder, ordersOf } from './purge-store.js';

/** Does on one node what purges ask for. Asked by notices, and from time to time by a clock, since a notice may get lost. */
export class ObeyPurges {
  #looking: Promise<void> | undefined;
  #isAsked = false;

  constructor(
    private readonly database: Database,
    private readonly dataKeys: DataKeys,
    private readonly nodeId: string,
  ) {}

  /** Drops and answers for whatever has been ordered by now. One look at a time; those who come meanwhile share the next one. */
  run(): Promise<void> {
    this.#isAsked = true;
    this.#looking ??= this.#look();
    return this.#looking;
  }

  async #look(): Promise<void> {
    try {
      while (this.#takeUp()) for (const order of await ordersOf(this.database, this.nodeId)) await this.#obey(order);
    } finally {
      this.#looking = undefined;
    }
  }

  #takeUp(): boolean {
    const isAsked = this.#isAsked;
    this.#isAsked = false;
    return isAsked;
  }

  async #obey({ workspace_id: workspaceId, purge_id: purgeId, vault_id: vaultId, epoch }: PurgeOrder): Promise<void> {
    const keys = this.dataKeys.enterEpoch(workspaceId, vaultId, epoch);
    await this.database.note({ workspaceId }, answerPurge.statement, answerPurge.values(purgeId, this.nodeId, keys));
    await forgetOrder(this.database, this.nodeId, purgeId);
  }
}
