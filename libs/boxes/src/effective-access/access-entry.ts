import { type Action, BOX_ACTIONS, BOX_ROLES, type BoxRights, type BoxRole, type GrantRow, type Standing } from '#access';
import type { Queries } from '#audit';

/** Why somebody who has something in a box can do nothing with it at present. */
export const NOT_NOW = {
  invited: 'Has not accepted the invitation yet.',
  suspended: 'Is suspended.',
  reset: 'Has not come again yet after being reset.',
  never_signs_in: 'AWS leaves the path of a role out of what it tells: no session ever signs in as this ARN.',
} as const;
export type NotNow = keyof typeof NOT_NOW;

export type AccessPrincipal =
  | { kind: 'user'; memberId: string; name: string; email: string }
  /** Everybody who signs in as this ARN: with that unique id, or, when it is null, with one that no entry of the ARN names. */
  | { kind: 'iam'; arn: string; uniqueId: string | null }
  | { kind: 'api_key'; apiKeyId: string; name: string };

export interface AccessReason {
  code: 'grant' | 'group_grant' | 'owner_group' | 'account_grant' | 'api_key_scopes';
  /** For people. */
  text: string;
  /** Null of keys. */
  grantId: string | null;
  role: BoxRole | null;
}

export interface AccessEntry {
  principal: AccessPrincipal;
  /** The strongest of those granted; null of keys, which have scopes. */
  role: BoxRole | null;
  actions: Action[];
  notNow: { code: NotNow; text: string } | null;
  reasons: AccessReason[];
}

/** Somebody who may have something in the box. Without an entry they have not. */
export interface Candidate {
  /** Orders those of a kind. */
  key: string;
  entry: AccessEntry | undefined;
}

/** Where access is asked about. */
export interface BoxPlace {
  workspaceId: string;
  boxId: string;
}

/** At most `limit` candidates of one kind, by key, after `after`. */
export type CandidateSource = (tx: Queries, place: BoxPlace, limit: number, after: string | undefined) => Promise<Candidate[]>;

/** What a standing allows in the box, decided as it is when they act. */
export async function actionsIn(tx: Queries, rights: BoxRights, who: Standing, boxId: string): Promise<Action[]> {
  const allowed = await rights.of(tx, who, boxId);
  return BOX_ACTIONS.filter((action) => allowed.has(action) && who.actions.has(action));
}

export function strongest(grants: readonly GrantRow[]): BoxRole | null {
  const roles = Object.keys(BOX_ROLES) as BoxRole[]; // weakest first
  return roles.findLast((role) => grants.some((grant) => grant.role === role)) ?? null;
}

export const notNow = (code: NotNow | undefined): AccessEntry['notNow'] => (code === undefined ? null : { code, text: NOT_NOW[code] });
