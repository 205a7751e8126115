import { randomUUID } from 'node:crypto';
import { theSystem } from '#access';
import type { Statement } from '#audit';
import type { Database, WorkerDatabase } from '#database';
import { endUndoWindow, forgetWraps, retireManagedKey } from '#vaults';

const LEFT_BEHIND: Statement = {
  name: 'vault-keys-left-behind',
  text: `SELECT workspace_id, vault_id, vault_key_id FROM vault_keys WHERE undo_until < now() ORDER BY undo_until LIMIT 100`,
};
const WRAPS_AT_ONCE = 1_000;

interface LeftKey {
  workspace_id: string;
  vault_id: string;
  vault_key_id: string;
}

/** Deletes the wraps that a move to another key replaced, once its window is over, and ends the key that was left when the service made it. */
export class FinaliseRekeys {
  constructor(
    private readonly workerDatabase: Pick<WorkerDatabase, 'ask'>,
    private readonly database: Database,
  ) {}

  /** Answers how many vault keys nobody can go back to any more. */
  async run(): Promise<number> {
    const left = await this.workerDatabase.ask<LeftKey & Record<string, unknown>>(LEFT_BEHIND);
    for (const key of left) while (!(await this.#forgetSome(key)));
    return left.length;
  }

  /** Whether nothing is left. */
  #forgetSome({ workspace_id, vault_id: vaultId, vault_key_id: vaultKeyId }: LeftKey): Promise<boolean> {
    return this.database.act(theSystem(workspace_id, randomUUID(), 'undo window of a rekey'), async (tx) => {
      const wraps = await forgetWraps(tx, vaultId, vaultKeyId, WRAPS_AT_ONCE);
      const isOver = wraps < WRAPS_AT_ONCE;
      const isKeyEnding = isOver && (await endUndoWindow(tx, vaultId, vaultKeyId)) && (await retireManagedKey(tx, vaultId, vaultKeyId));
      return { result: isOver, event: { type: 'vault.rewrap.finalised', vaultId, details: { vaultKeyId, wraps, isOver, isKeyEnding } } };
    });
  }
}
