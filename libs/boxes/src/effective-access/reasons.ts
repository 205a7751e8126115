import { type GrantRow, parseAwsPrincipal } from '#access';
import type { Queries, Statement } from '#audit';
import type { AccessReason } from './access-entry.js';

const GROUP_NAMES: Statement = {
  name: 'access-group-names',
  text: `SELECT group_id, name FROM groups WHERE workspace_id = $1 AND group_id = ANY ($2)`,
};

/** Each grant as the reason that it is. */
export async function reasonsOf(tx: Queries, grants: readonly GrantRow[]): Promise<AccessReason[]> {
  const groupIds = grants.flatMap(({ group_id }) => group_id ?? []);
  const rows = groupIds.length > 0 ? await tx.query<{ group_id: string; name: string }>(GROUP_NAMES, [groupIds]) : [];
  const names = new Map(rows.map(({ group_id, name }) => [group_id, name]));
  return grants.map((grant) => ({ ...said(grant, names), grantId: grant.grant_id, role: grant.role }));
}

function said(grant: GrantRow, groupNames: ReadonlyMap<string, string>): Pick<AccessReason, 'code' | 'text'> {
  if (grant.iam_arn !== null) return saidOfArn(grant.iam_arn, grant.pinned_unique_id);
  if (grant.group_id === null) return { code: 'grant', text: 'grant to user' };
  const name = groupNames.get(grant.group_id) ?? '';
  return grant.is_owner_group
    ? { code: 'owner_group', text: `owner group ${name}` }
    : { code: 'group_grant', text: `grant to group ${name}` };
}

function saidOfArn(arn: string, uniqueId: string | null): Pick<AccessReason, 'code' | 'text'> {
  const { kind, account } = parseAwsPrincipal(arn) ?? {};
  if (kind === 'root') return { code: 'account_grant', text: `account root ARN: every principal of account ${account ?? ''}` };
  const only = uniqueId === null ? '' : `, only as ${uniqueId}`;
  return { code: 'grant', text: `grant to ${kind?.replaceAll('-', ' ') ?? ''} ARN ${arn}${only}` };
}
