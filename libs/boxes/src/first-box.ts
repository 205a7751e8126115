import { randomUUIDv7 } from 'node:crypto';
import type { GrantRows } from '#access';
import type { Queries } from '#audit';
import { insertBox } from './box-store.js';

/** The box that a workspace starts with, owned by one group. */
export interface FirstBox {
  boxId: string;
  insert(tx: Queries): Promise<void>;
}

export function firstBox(grants: GrantRows, workspaceId: string, ownerGroupId: string): FirstBox {
  const boxId = randomUUIDv7();
  return {
    boxId,
    async insert(tx) {
      await insertBox(tx, { boxId, name: 'General', description: '' });
      await grants.insert(tx, workspaceId, {
        box_id: boxId,
        grant_id: randomUUIDv7(),
        member_id: null,
        group_id: ownerGroupId,
        iam_arn: null,
        pinned_unique_id: null,
        role: 'owner',
        is_owner_group: true,
      });
    },
  };
}
