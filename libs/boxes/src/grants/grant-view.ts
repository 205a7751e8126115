import { type BoxRole, GRANT_ARN_WARNINGS, type GrantArnWarning, type GrantPrincipal, type GrantRows, readGrantArn } from '#access';
import type { StoredGrant } from './grant-store.js';

export interface GrantWarning {
  code: GrantArnWarning;
  text: string;
}

export type GrantPrincipalView =
  | { kind: 'user'; memberId: string; name: string; email: string }
  | { kind: 'group'; groupId: string; name: string }
  | { kind: 'iam'; arn: string; uniqueId: string | null };

export interface GrantView {
  id: string;
  principal: GrantPrincipalView;
  role: BoxRole;
  /** This one goes with the box: it changes when the box gets another owner group. */
  isOwnerGroup: boolean;
  /** False when somebody changed it in the database past the service: it counts for nothing. */
  isIntact: boolean;
  /** What may be unexpected about the ARN. */
  warnings: GrantWarning[];
  createdAt: string;
}

export function grantView(grants: GrantRows, workspaceId: string, row: StoredGrant): GrantView {
  return {
    id: row.grant_id,
    principal: principalView(row),
    role: row.role,
    isOwnerGroup: row.is_owner_group,
    isIntact: grants.isGenuine(workspaceId, row),
    warnings: warningsOf(row.iam_arn),
    createdAt: row.created_at.toISOString(),
  };
}

function principalView(row: StoredGrant): GrantPrincipalView {
  if (row.member_id !== null) return { kind: 'user', memberId: row.member_id, name: row.member_name ?? '', email: row.member_email ?? '' };
  if (row.group_id !== null) return { kind: 'group', groupId: row.group_id, name: row.group_name ?? '' };
  return { kind: 'iam', arn: row.iam_arn ?? '', uniqueId: row.pinned_unique_id };
}

function warningsOf(arn: string | null): GrantWarning[] {
  const warnings = arn === null ? [] : (readGrantArn(arn)?.warnings ?? []);
  return warnings.map((code) => ({ code, text: GRANT_ARN_WARNINGS[code] }));
}

/** Whom a grant names, for the trail: ids alone, since names change. */
export function namedIn(grant: GrantPrincipal): Readonly<Record<string, unknown>> {
  if (grant.member_id !== null) return { kind: 'user', memberId: grant.member_id };
  if (grant.group_id !== null) return { kind: 'group', groupId: grant.group_id };
  return { kind: 'iam', arn: grant.iam_arn, ...(grant.pinned_unique_id !== null && { uniqueId: grant.pinned_unique_id }) };
}
