import { randomBytes } from 'node:crypto';
import { MemberRows, SCOPES, csrfTokenOf, mintApiKey } from '#access';
import { aGrant } from '../harness/box.js';
import { type SignedInMember, aMember, anAwsIdentity, joinGroup, macsOf, queriesOf } from '../harness/principals.js';
import { aSetupLink } from '../harness/setup-link.js';
import type { Tenant } from './tenant.js';
import type { State } from './state.js';
import { type Act, IN_A_BOX, type Standing, may } from './who-may.js';

/** Somebody who sends requests about the workspace of `acme`. */
export interface Principal {
  name: string;
  /** Whose workspace the credential is for. Nobody's: the service does not know whom it is asked by. */
  of: 'acme' | 'globex' | 'the operator' | 'nobody';
  headers: Readonly<Record<string, string>>;
  standings: readonly Standing[];
  /** Of a key: what it is for. */
  scopes?: readonly Act[];
  /** Whether the first box is one of theirs, whatever they may do in it; and of a key, whether every box is. */
  box: 'every' | 'first' | 'other';
  /** In the group that owns the boxes. */
  isOfOwners?: true;
  /** The same person as another principal: what they did before, they did. */
  isTheSame?: true;
  /** With which ids it asks; every one of them when nothing is said. */
  asks?: readonly State[];
  /** Has not shown for a while who they are. */
  isStale?: true;
  /** A page of another site could send the same. */
  isForgeable?: true;
}

/** What it takes to be answered. */
export interface Needs {
  act: Act;
  /** Sealed data lies in no box: it is for keys that are for every box. */
  everyBox?: true;
  /** Also for those who hand out access to every box, whether or not this one is open to them. */
  orAnyBox?: true;
  /** Whether a person must have shown lately who they are. */
  confirmed?: true;
}

/** Whether access to every box is theirs to hand out. A key with a list of boxes has no say about others. */
export function handsOutEveryBox({ scopes, standings, box }: Principal): boolean {
  return scopes ? box === 'every' && scopes.includes('access:any_box') : standings.includes('owner');
}

/** The same about a box in which nobody has anything but the group that owns it. */
export const inNewBox = (principal: Principal): Principal =>
  principal.box === 'every' || principal.isOfOwners ? principal : { ...principal, box: 'other' };

export type Verdict =
  | 'unauthenticated'
  | 'workspace_not_found'
  | 'csrf_refused'
  | 'forbidden'
  | 'confirmation_required'
  /** Let in by the guard, and refused by the box. */
  | 'forbidden in the box'
  | 'hidden'
  | 'allowed';

/** What becomes of a request about what is there, by who sends it. `isOfWorkspace`: the route has a workspace in its path. */
export function verdict(principal: Principal, needs: Needs, method: string, isOfWorkspace: boolean): Verdict {
  const { act, confirmed } = needs;
  if (principal.of === 'nobody') return 'unauthenticated';
  if (principal.of === 'globex' && isOfWorkspace) return 'workspace_not_found';
  if (principal.isForgeable && !['GET', 'HEAD'].includes(method)) return 'csrf_refused';
  if (!isLetIn(principal, act)) return 'forbidden';
  if (confirmed && principal.isStale) return 'confirmation_required';
  return IN_A_BOX.includes(act) ? verdictOfBox(principal, needs) : 'allowed';
}

/** To whom no box can be granted. */
const BEYOND_GRANTS: readonly Standing[] = ['operator', 'link'];

/** What grants give is a matter of each box: whoever can have one is let in, and a key by its scopes. */
function isLetIn({ scopes, standings }: Principal, act: Act): boolean {
  if (scopes) return scopes.includes(act);
  if (standings.some((standing) => may(standing, act))) return true;
  return IN_A_BOX.includes(act) && !standings.some((standing) => BEYOND_GRANTS.includes(standing));
}

function verdictOfBox(principal: Principal, { act, everyBox, orAnyBox }: Needs): Verdict {
  const { scopes, standings, box } = principal;
  if (orAnyBox && handsOutEveryBox(principal)) return 'allowed';
  if (everyBox) return scopes && box === 'every' ? 'allowed' : 'forbidden in the box';
  const isIn = box !== 'other' && standings.some((standing) => may(standing, 'box:read'));
  if (!isIn) return 'hidden';
  return standings.some((standing) => may(standing, act)) ? 'allowed' : 'forbidden in the box';
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const cookie = (token: string, more: object = {}) => ({ cookie: `__Host-keyhold-session=${token}`, ...more });

/** Those whom the service knows, in the workspace of `tenant`. */
export async function thoseOf(tenant: Tenant, of: 'acme' | 'globex'): Promise<Principal[]> {
  const { keyhold, workspace } = tenant;
  const member = (role: Parameters<typeof aMember>[2]) => aMember(keyhold, workspace, role);
  const granted = async (role: 'read' | 'write' | 'owner') => {
    const user = await member('user');
    await aGrant(workspace, workspace.defaultBoxId, { kind: 'user', memberId: user.memberId }, role);
    return user;
  };
  const known = (name: string, token: string, standings: Standing[], more: Partial<Principal> = {}): Principal => ({
    name,
    of,
    headers: bearer(token),
    standings,
    box: 'first',
    ...more,
  });
  const owner = await member('owner');
  const [all, other] = [SCOPES, 'other' as const];
  const people = [
    known('the Owner', owner.token, ['owner', 'keeper'], { isOfOwners: true }),
    known('the Owner in a browser', '', ['owner', 'keeper'], {
      headers: cookie(owner.token, { 'x-csrf-token': csrfTokenOf(owner.token) }),
      isTheSame: true,
      isOfOwners: true,
    }),
    known('the Owner in a browser, asked by another site', '', ['owner', 'keeper'], {
      headers: cookie(owner.token),
      isTheSame: true,
      isOfOwners: true,
      isForgeable: true,
    }),
    known('the Owner, not seen for a while', (await aStaleOwner(tenant)).token, ['owner', 'keeper'], {
      isTheSame: true,
      isOfOwners: true,
      isStale: true,
    }),
    known('a Super Admin', (await member('super_admin')).token, ['super_admin']),
    known('an Admin', (await member('admin')).token, ['admin']),
    known('a User', (await member('user')).token, ['user']),
    known('a User with a grant to read', (await granted('read')).token, ['user', 'reader']),
    known('a User with a grant to write', (await granted('write')).token, ['user', 'writer']),
    known('a User who owns the box', (await granted('owner')).token, ['user', 'keeper']),
    known('a User in a group that owns the box', (await anOwnersFriend(tenant)).token, ['user', 'keeper'], { isOfOwners: true }),
  ];
  const machines = [
    known('a key with every scope', workspace.token, ['key'], { scopes: all, box: 'every' }),
    known('a key for the box', await aKey(tenant, all, [tenant.ids.box]), ['key'], { scopes: all }),
    known('a key for another box', await aKey(tenant, all, [tenant.secondBoxId]), ['key'], { scopes: all, box: other }),
    known('an AWS identity', await anIdentity(tenant, 'Nobody'), ['reader'], { box: other }),
    known('an AWS identity with a grant to read', await anIdentity(tenant, 'Reader', 'read'), ['reader']),
    known('an AWS identity with a grant to write', await anIdentity(tenant, 'Writer', 'write'), ['writer']),
    known(
      'an AWS identity of the same name as one with a grant',
      await anIdentity(tenant, 'Pinned', 'read', 'AROAFIRSTOFTHENAME'),
      ['reader'],
      { box: other },
    ),
    known('a link for AWS administrators', (await aSetupLink(keyhold, workspace)).token, ['link'], { box: other }),
  ];
  return [...people, ...machines];
}

/** Keys that are for one thing only. */
export function keysOfOneScope(tenant: Tenant): Promise<Principal[]> {
  return Promise.all(
    SCOPES.map(async (scope) => {
      const headers = bearer(await aKey(tenant, [scope]));
      return {
        name: `a key for ${scope}`,
        of: 'acme' as const,
        headers,
        standings: ['key' as const],
        scopes: [scope],
        box: 'every' as const,
        asks: ['own', 'foreign'] as const,
      };
    }),
  );
}

/** One more service that may do everything: for what the others must find done by somebody else. */
export async function anotherService(tenant: Tenant, of: 'acme' | 'globex'): Promise<Principal> {
  const scopes = SCOPES;
  return { name: 'another service', of, headers: bearer(await aKey(tenant, scopes)), standings: ['key'], scopes, box: 'every' };
}

export async function anotherLink({ keyhold, workspace }: Tenant, of: 'acme' | 'globex'): Promise<Principal> {
  const { token } = await aSetupLink(keyhold, workspace);
  return { name: 'another link', of, headers: bearer(token), standings: ['link'], box: 'other' };
}

/** Those whom nothing lets in. */
export async function thoseOutside(acme: Tenant, globex: Tenant): Promise<Principal[]> {
  const { keyhold, workspace } = acme;
  const nobody = (name: string, headers: Record<string, string>): Principal => ({
    name,
    of: 'nobody',
    headers,
    standings: [],
    box: 'other',
  });
  const expired = await aKey(acme, SCOPES, undefined, new Date(Date.now() - 1_000));
  const revoked = await aKey(acme, SCOPES);
  await keyhold.database.asAdmin(`UPDATE api_keys SET revoked_at = now() WHERE token_sha256 = sha256($1)`, [Buffer.from(revoked)]);
  const [ended, over] = [await aMember(keyhold, workspace, 'super_admin'), await aMember(keyhold, workspace, 'super_admin')];
  await keyhold.database.asAdmin(`UPDATE sessions SET ended_at = created_at WHERE session_id = $1`, [ended.sessionId]);
  await keyhold.database.asAdmin(`UPDATE sessions SET expires_at = now() - interval '1 second' WHERE session_id = $1`, [over.sessionId]);
  const [suspended, removed] = [await aMember(keyhold, workspace, 'super_admin'), await aMember(keyhold, workspace, 'super_admin')];
  await suspend(acme, suspended);
  await keyhold.database.asAdmin(`DELETE FROM members WHERE member_id = $1`, [removed.memberId]);
  const [revokedLink, expiredLink] = [
    await aSetupLink(keyhold, workspace),
    await aSetupLink(keyhold, workspace, { expiresAt: new Date(Date.now() - 1_000) }),
  ];
  await keyhold.database.asAdmin(`UPDATE setup_links SET revoked_at = now() WHERE link_id = $1`, [revokedLink.linkId]);
  const foreignLink = await aSetupLink(globex.keyhold, globex.workspace);
  const [here, there] = [acme, globex].map(({ workspace: { id } }) => id.replaceAll('-', '')) as [string, string];
  return [
    { name: 'the operator', of: 'the operator', headers: bearer(keyhold.operatorToken), standings: ['operator'], box: 'other' },
    nobody('nobody', {}),
    nobody('a token that is none', bearer('khw_nothing')),
    nobody('a token that nobody was given', bearer(`khw_${here}_${randomBytes(32).toString('base64url')}`)),
    nobody('an expired key', bearer(expired)),
    nobody('a revoked key', bearer(revoked)),
    nobody('a session that was ended', bearer(ended.token)),
    nobody('a session that is over', bearer(over.token)),
    nobody('a suspended member', bearer(suspended.token)),
    nobody('a member that was removed', bearer(removed.token)),
    nobody('an invitation', bearer(workspace.ownerInvitation.token)),
    nobody('a key that is called a session', bearer(workspace.token.replace('khw_', 'khs_'))),
    nobody('a key in the cookie and in the header', { ...bearer(workspace.token), ...cookie(workspace.token) }),
    nobody("globex's key with acme's name on it", bearer(globex.workspace.token.replace(there, here))),
    nobody("acme's key with globex's name on it", bearer(workspace.token.replace(here, there))),
    nobody('a link that was revoked', bearer(revokedLink.token)),
    nobody('a link that has expired', bearer(expiredLink.token)),
    nobody("globex's link with acme's name on it", bearer(foreignLink.token.replace(there, here))),
  ];
}

async function aKey({ keyhold, workspace }: Tenant, scopes: readonly Act[], boxIds?: string[], expiresAt?: Date): Promise<string> {
  const order = { workspaceId: workspace.id, name: 'A key', scopes: scopes, boxIds, expiresAt, createdBy: 'the test' };
  const { token, insert } = mintApiKey(macsOf(keyhold), order);
  await insert(queriesOf(keyhold, workspace.id));
  return token;
}

/** With a grant of the first box when there is a role, for one unique id when that is given. */
async function anIdentity({ keyhold, workspace }: Tenant, name: string, role?: 'read' | 'write', uniqueId?: string): Promise<string> {
  const principal = { kind: 'iam' as const, arn: `arn:aws:iam::111122223333:role/${name}`, uniqueId };
  if (role) await aGrant(workspace, workspace.defaultBoxId, principal, role);
  return (await anAwsIdentity(keyhold, workspace, { arn: `arn:aws:sts::111122223333:assumed-role/${name}/session` })).token;
}

async function anOwnersFriend({ keyhold, workspace, ids }: Tenant): Promise<SignedInMember> {
  const friend = await aMember(keyhold, workspace, 'user');
  await joinGroup(keyhold, workspace, ids['owner group'], friend.memberId);
  return friend;
}

async function aStaleOwner({ keyhold, workspace }: Tenant): Promise<SignedInMember> {
  const owner = await aMember(keyhold, workspace, 'owner');
  await keyhold.database.asAdmin(`UPDATE sessions SET confirmed_at = now() - interval '16 minutes' WHERE session_id = $1`, [
    owner.sessionId,
  ]);
  return owner;
}

async function suspend({ keyhold, workspace }: Tenant, { memberId }: SignedInMember): Promise<void> {
  const [rows, tx] = [new MemberRows(macsOf(keyhold)), queriesOf(keyhold, workspace.id)];
  const member = await rows.find(tx, workspace.id, memberId);
  if (member) await rows.update(tx, workspace.id, { ...member, status: 'suspended' });
}
