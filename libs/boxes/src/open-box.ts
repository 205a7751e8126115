import { type Action, type BoxRights, type BoxState, type RequestContext, handsOutEveryBox } from '#access';
import type { Queries } from '#audit';
import { BoxError } from './box-error.js';
import { type StoredBox, findBox, lockBox } from './box-store.js';

type OnBoxItself = Extract<Action, 'box:read' | 'box:manage'>;

/**
 * The box, for somebody who may do `action` with the box itself: its grants say so, or that the caller may hand out access to
 * every box. Throws `box_not_found` when it is nothing to them, `forbidden` when they may do something else in it.
 */
export async function openBox(
  tx: Queries,
  rights: BoxRights,
  ctx: RequestContext,
  boxId: string,
  { action, state = 'live' }: { action: OnBoxItself; state?: BoxState },
): Promise<StoredBox> {
  const box = await findBox(tx, boxId, state);
  if (!box) throw new BoxError('box_not_found');
  if (!handsOutEveryBox(ctx.actions, ctx)) await rights.require(tx, ctx, boxId, action, () => new BoxError('box_not_found'), state);
  return box;
}

/** The same, to be changed: what is read stays as it is until the transaction ends. */
export async function openBoxToChange(
  tx: Queries,
  rights: BoxRights,
  ctx: RequestContext,
  boxId: string,
  state: BoxState = 'live',
): Promise<StoredBox> {
  await lockBox(tx, boxId);
  return openBox(tx, rights, ctx, boxId, { action: 'box:manage', state });
}
