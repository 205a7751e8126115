import { AccessError, type Action, BOX_ACTIONS, type BoxRights, type RequestContext, asRefusal, handsOutEveryBox } from '#access';
import type { Queries } from '#audit';
import { BoxError, findLiveBoxIds } from '#boxes';
import type { Manager } from '#members';
import { ApiKeyError } from './api-key-error.js';

export interface WantedRights {
  scopes: readonly Action[];
  /** Every box when undefined. */
  boxIds: readonly string[] | undefined;
}

const NONE: ReadonlySet<Action> = new Set();

/** Nobody hands out what they do not have. */
export class HandOut {
  constructor(private readonly rights: BoxRights) {}

  /**
   * Throws `beyond_own_rights` for scopes that the maker has not: those of a box they must have in each of these boxes, and in
   * every one there will be when the key is for every box. Throws `box_not_found` for boxes that are nothing to them.
   */
  async require(tx: Queries, ctx: RequestContext, { actions }: Pick<Manager, 'actions'>, { scopes, boxIds }: WantedRights): Promise<void> {
    const inBoxes = scopes.filter((scope) => BOX_ACTIONS.includes(scope));
    if (scopes.some((scope) => !inBoxes.includes(scope) && !actions.has(scope))) throw new AccessError('beyond_own_rights');
    if (boxIds && scopes.includes('access:any_box')) throw new ApiKeyError('any_box_with_list');
    if (!handsOutEveryBox(actions, ctx)) await this.#requireIn(tx, ctx, inBoxes, boxIds);
    if (boxIds) await requireLive(tx, boxIds);
  }

  async #requireIn(tx: Queries, ctx: RequestContext, wanted: readonly Action[], boxIds: readonly string[] | undefined): Promise<void> {
    if (boxIds === undefined) {
      if (wanted.length > 0 && !hasInEveryBox(ctx, wanted)) throw new AccessError('beyond_own_rights');
      return;
    }
    const allowed = await this.rights.ofEach(tx, ctx, boxIds);
    for (const boxId of boxIds) {
      const own = allowed.get(boxId) ?? NONE;
      if (own.size === 0) throw asRefusal(new BoxError('box_not_found'));
      if (wanted.some((action) => !own.has(action))) throw new AccessError('beyond_own_rights');
    }
  }
}

/** Also in boxes that do not exist yet: only a key that is for every box has that. */
function hasInEveryBox({ reach, actions }: RequestContext, wanted: readonly Action[]): boolean {
  return reach.by === 'scope' && reach.boxIds === 'all' && wanted.every((action) => actions.has(action));
}

async function requireLive(tx: Queries, boxIds: readonly string[]): Promise<void> {
  if ((await findLiveBoxIds(tx, boxIds)).length < boxIds.length) throw new BoxError('box_not_found');
}
