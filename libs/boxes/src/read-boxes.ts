import { type BoxRights, type BoxState, type RequestContext, handsOutEveryBox } from '#access';
import type { Queries } from '#audit';
import { listBoxes } from './box-store.js';
import { type BoxView, boxView } from './box-view.js';

/** A caller sees the boxes that they may look into; of the deleted ones those that they may restore. */
const SEEN_WITH = { live: 'box:read', deleted: 'box:manage' } as const;

const NONE: ReadonlySet<never> = new Set();

/** Newest first, after `before`; all of them for who may hand out access to every box. */
export async function readBoxes(
  tx: Queries,
  rights: BoxRights,
  ctx: RequestContext,
  state: BoxState,
  limit: number,
  before?: string,
): Promise<BoxView[]> {
  const seen = handsOutEveryBox(ctx.actions, ctx) ? 'all' : await rights.boxesFor(tx, ctx, SEEN_WITH[state], state);
  const rows = await listBoxes(tx, seen, state, limit, before);
  const ids = state === 'live' ? rows.map((row) => row.box_id) : [];
  const mine = await rights.ofEach(tx, ctx, ids);
  return rows.map((row) => boxView(row, mine.get(row.box_id) ?? NONE));
}
