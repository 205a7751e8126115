import { randomUUIDv7 } from 'node:crypto';
import type { BoxRights, GrantRows, RequestContext } from '#access';
import type { Queries } from '#audit';
import { type Database, isUniqueViolation } from '#database';
import { BoxError } from './box-error.js';
import type { BoxQuota } from './box-quota.js';
import { findBox, insertBox } from './box-store.js';
import { type BoxView, viewFor } from './box-view.js';
import { type GrantRequest, grantEvent, insertGrants, newGrant, ownerGrant } from './grants/insert-grants.js';
import { requireOwnerGroup } from './owner-group.js';

export interface BoxRequest {
  name: string;
  description: string;
  ownerGroupId: string;
  grants: readonly GrantRequest[];
}

/** Makes a box for a group, with the grants that it starts with. */
export class CreateBox {
  constructor(
    private readonly database: Database,
    private readonly rights: BoxRights,
    private readonly grants: GrantRows,
    private readonly quota: BoxQuota,
  ) {}

  run(ctx: RequestContext, { name, description, ownerGroupId, grants }: BoxRequest): Promise<BoxView> {
    const boxId = randomUUIDv7();
    const given = grants.map((grant) => newGrant(boxId, grant));
    return this.database.act(ctx, async (tx) => {
      await requireOwnerGroup(tx, this.grants, ctx, ownerGroupId);
      await this.quota.require(tx, 'a new box');
      await insertNamedBox(tx, { boxId, name, description });
      await insertGrants(tx, this.grants, ctx.workspaceId, [ownerGrant(boxId, ownerGroupId), ...given]);
      const created = { type: 'box.created', boxId, details: { name, ownerGroupId } } as const;
      const added = given.map((grant) => grantEvent('box.grant_added', grant, { before: null, after: grant.role }));
      return { result: await this.#view(tx, ctx, boxId), event: [created, ...added] };
    });
  }

  async #view(tx: Queries, ctx: RequestContext, boxId: string): Promise<BoxView> {
    const box = await findBox(tx, boxId, 'live');
    if (!box) throw new Error('a box is gone in the transaction that made it');
    return viewFor(tx, this.rights, ctx, box);
  }
}

async function insertNamedBox(tx: Queries, box: { boxId: string; name: string; description: string }): Promise<void> {
  try {
    await insertBox(tx, box);
  } catch (error) {
    if (isUniqueViolation(error, 'boxes_name_key')) throw new BoxError('box_name_taken');
    throw error;
  }
}
