import type { Queries, Statement } from '#audit';
import { BoxError } from './box-error.js';
import { lockBoxesOfWorkspace } from './box-store.js';

const COUNT: Statement = {
  name: 'box-count',
  text: `SELECT count(*) FILTER (WHERE deleted_at IS NULL)::integer AS live, count(*)::integer AS total FROM boxes WHERE workspace_id = $1`,
};

/** How many boxes a workspace may have. As many again may wait to be purged: deleting and creating must not fill the database. */
export class BoxQuota {
  constructor(private readonly boxesMax: number) {}

  /** To be asked before a box is added; the answer holds until the transaction ends. Throws `box_quota_reached`. */
  async require(tx: Queries, adds: 'a new box' | 'a restored box'): Promise<void> {
    await lockBoxesOfWorkspace(tx);
    const [{ live, total } = { live: 0, total: 0 }] = await tx.query<{ live: number; total: number }>(COUNT);
    const isFull = live >= this.boxesMax || (adds === 'a new box' && total >= 2 * this.boxesMax);
    if (isFull) throw new BoxError('box_quota_reached');
  }
}
