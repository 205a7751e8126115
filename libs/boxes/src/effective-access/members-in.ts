import { type BoxRights, type MemberRow, type MemberRows, standingOfMember } from '#access';
import type { Queries, Statement } from '#audit';
import { type AccessEntry, type BoxPlace, type CandidateSource, actionsIn, notNow, strongest } from './access-entry.js';
import { reasonsOf } from './reasons.js';

/** Everybody whom a grant of the box names, themselves or by a group. Whether it counts is decided later. */
const NAMED_MEMBERS: Statement = {
  name: 'access-named-members',
  text: `SELECT member_id FROM (
      SELECT g.member_id FROM box_grants g WHERE g.workspace_id = $1 AND g.box_id = $2 AND g.member_id IS NOT NULL
      UNION
      SELECT m.member_id FROM box_grants g JOIN group_members m ON m.workspace_id = g.workspace_id AND m.group_id = g.group_id
      WHERE g.workspace_id = $1 AND g.box_id = $2) AS named
    WHERE $3::uuid IS NULL OR member_id > $3 ORDER BY member_id LIMIT $4`,
};

/** Members, also those who cannot sign in at present. */
export function membersIn(rights: BoxRights, members: MemberRows): CandidateSource {
  return async (tx, place, limit, after) => {
    const named = await tx.query<{ member_id: string }>(NAMED_MEMBERS, [place.boxId, after, limit]);
    return Promise.all(
      named.map(async ({ member_id: key }) => {
        const member = await members.find(tx, place.workspaceId, key);
        return { key, entry: member && (await entryOf(tx, rights, place, member)) };
      }),
    );
  };
}

async function entryOf(
  tx: Queries,
  rights: BoxRights,
  { workspaceId, boxId }: BoxPlace,
  member: MemberRow,
): Promise<AccessEntry | undefined> {
  const { member_id: memberId, name, email, role, status } = member;
  const who = standingOfMember(workspaceId, { memberId, role });
  const [actions, grants] = await Promise.all([actionsIn(tx, rights, who, boxId), rights.grantsFor(tx, who, boxId)]);
  if (actions.length === 0) return undefined;
  return {
    principal: { kind: 'user', memberId, name, email },
    role: strongest(grants),
    actions,
    notNow: notNow(status === 'active' ? undefined : status),
    reasons: await reasonsOf(tx, grants),
  };
}
