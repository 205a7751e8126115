import type { BoxRights, RequestContext } from '#access';
import { type Database, isUniqueViolation } from '#database';
import { BoxError } from './box-error.js';
import type { BoxQuota } from './box-quota.js';
import { findBox, markBoxRestored } from './box-store.js';
import { type BoxView, viewFor } from './box-view.js';
import { openBoxToChange } from './open-box.js';

/** Undoes a deletion: the box is as it was, with its grants and items. */
export class RestoreBox {
  constructor(
    private readonly database: Database,
    private readonly rights: BoxRights,
    private readonly quota: BoxQuota,
  ) {}

  /** @param name another one, where a new box has taken the old one */
  async run(ctx: RequestContext, boxId: string, name?: string): Promise<BoxView> {
    try {
      return await this.database.act(ctx, async (tx) => {
        await this.quota.require(tx, 'a restored box');
        const before = await openBoxToChange(tx, this.rights, ctx, boxId, 'deleted');
        await markBoxRestored(tx, boxId, name);
        const box = await findBox(tx, boxId, 'live');
        if (!box) throw new Error('a box is gone in the transaction that restores it');
        const details = { before: { name: before.name }, after: { name: box.name } };
        return { result: await viewFor(tx, this.rights, ctx, box), event: { type: 'box.restored', boxId, details } };
      });
    } catch (error) {
      if (isUniqueViolation(error, 'boxes_name_key')) throw new BoxError('box_name_taken');
      throw error;
    }
  }
}
