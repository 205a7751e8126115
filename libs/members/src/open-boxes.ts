import { AccessError, type BoxRights, type RequestContext, handsOutEveryBox } from '#access';
import type { Queries } from '#audit';
import type { Manager } from './managers.js';

/**
 * For acts by which somebody gets into boxes: whoever does them must be able to grant each of these boxes themselves. Throws
 * `beyond_own_rights`.
 */
export async function requireToOpen(
  tx: Queries,
  rights: BoxRights,
  ctx: RequestContext,
  { actions }: Manager,
  opened: readonly string[],
): Promise<void> {
  if (handsOutEveryBox(actions, ctx)) return;
  const own = await rights.boxesFor(tx, ctx, 'box:manage');
  if (own !== 'all' && opened.some((boxId) => !own.includes(boxId))) throw new AccessError('beyond_own_rights');
}
