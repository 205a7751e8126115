import { type GrantPrincipal, parseAwsPrincipal, readGrantArn } from '#access';
import { BoxError } from '../box-error.js';

/** Whom a grant is to name. */
export type NamedPrincipal =
  | { kind: 'user'; memberId: string }
  | { kind: 'group'; groupId: string }
  /** With `uniqueId` only that very role or user, and no other that gets its name later. */
  | { kind: 'iam'; arn: string; uniqueId?: string | undefined };

const NOBODY: GrantPrincipal = { member_id: null, group_id: null, iam_arn: null, pinned_unique_id: null };

/** Throws `grant_arn_not_possible` for what no identity could ever be called, `grant_unique_id_not_possible` for an id of another kind. */
export function grantPrincipal(named: NamedPrincipal): GrantPrincipal {
  switch (named.kind) {
    case 'user':
      return { ...NOBODY, member_id: named.memberId };
    case 'group':
      return { ...NOBODY, group_id: named.groupId };
    case 'iam':
      return { ...NOBODY, iam_arn: grantArn(named.arn), pinned_unique_id: pinFor(named.arn, named.uniqueId) };
  }
}

function grantArn(text: string): string {
  const arn = readGrantArn(text)?.arn;
  if (arn === undefined) throw new BoxError('grant_arn_not_possible');
  return arn;
}

/** Ids that AWS gives anew to each role and each user. Other kinds have none that would outlive their name. */
const UNIQUE_IDS: Readonly<Partial<Record<string, RegExp>>> = {
  role: /^AROA[A-Z0-9]{12,124}$/,
  'role-session': /^AROA[A-Z0-9]{12,124}$/,
  user: /^AIDA[A-Z0-9]{12,124}$/,
};

function pinFor(arn: string, uniqueId: string | undefined): string | null {
  if (uniqueId === undefined) return null;
  const form = UNIQUE_IDS[parseAwsPrincipal(arn)?.kind ?? ''];
  if (!form?.test(uniqueId)) throw new BoxError('grant_unique_id_not_possible');
  return uniqueId;
}
