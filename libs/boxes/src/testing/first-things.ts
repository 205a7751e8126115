import { GrantRows, MemberRows, RowMacs } from '#access';
import type { RootKey } from '#envelope';
import { firstMembers } from '#members';
import type { FirstThings } from '#workspaces';
import { firstBox } from '../first-box.js';

/** What a workspace starts with, around a vault of the caller's choice. */
export function firstThings(rootKey: RootKey, workspaceId: string, vault: FirstThings['vault']): FirstThings {
  const macs = new RowMacs(rootKey);
  const grants = new GrantRows(macs);
  const members = firstMembers(new MemberRows(macs), grants, workspaceId, 'owner@example.com');
  return { vault, members, box: firstBox(grants, workspaceId, members.groupId) };
}
