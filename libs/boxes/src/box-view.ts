import { type Action, BOX_ACTIONS, type BoxRights, type BoxState, type RequestContext } from '#access';
import type { Queries } from '#audit';
import type { StoredBox } from './box-store.js';

export interface BoxView {
  id: string;
  name: string;
  description: string;
  status: BoxState;
  isDefault: boolean;
  /** The group whose members own the box. Null in a box from before there were groups. */
  ownerGroupId: string | null;
  /** What the caller may do in it. Without any they see it only because they may hand out access to every box. */
  myActions: Action[];
  createdAt: string;
  updatedAt: string;
  deletedAt: string | null;
  /** Until then the deletion can be undone. */
  purgeAt: string | null;
}

export function boxView(row: StoredBox, mine: ReadonlySet<Action>): BoxView {
  return {
    id: row.box_id,
    name: row.name,
    description: row.description,
    status: row.deleted_at ? 'deleted' : 'live',
    isDefault: row.is_default,
    ownerGroupId: row.owner_group_id,
    myActions: BOX_ACTIONS.filter((action) => mine.has(action)),
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    deletedAt: row.deleted_at?.toISOString() ?? null,
    purgeAt: row.purge_at?.toISOString() ?? null,
  };
}

/** The box as the caller sees it now. In a deleted one nobody may do anything. */
export async function viewFor(tx: Queries, rights: BoxRights, ctx: RequestContext, row: StoredBox): Promise<BoxView> {
  return boxView(row, row.deleted_at ? new Set() : await rights.of(tx, ctx, row.box_id));
}
