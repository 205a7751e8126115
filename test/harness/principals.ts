import { randomUUID } from 'node:crypto';
import { type AwsCaller, GrantRows, type MemberRole, MemberRows, NO_INVITATION, RowMacs, csrfTokenOf, mintSession } from '#access';
import type { Queries, Statement } from '#audit';
import { RootKey } from '#envelope';
import { type Client, aClient } from './client.js';
import type { Keyhold, Workspace } from './service.js';

export interface SignedIn {
  sessionId: string;
  token: string;
  csrfToken: string;
  /** Speaks with the session as bearer token; paths are below `/v1/workspaces/<id>`. */
  call: Client;
}

export interface SignedInMember extends SignedIn {
  memberId: string;
  email: string;
}

/**
 * A member with a session, put into the database as sign-in would: for stories that begin after it. The Owner is one already,
 * and becomes active.
 */
export async function aMember(
  keyhold: Keyhold,
  workspace: Workspace,
  role: MemberRole,
  node: { url: string } = keyhold,
): Promise<SignedInMember> {
  const members = new MemberRows(macsOf(keyhold));
  const tx = queriesOf(keyhold, workspace.id);
  const isOwner = role === 'owner';
  const memberId = isOwner ? workspace.ownerInvitation.memberId : randomUUID();
  const email = isOwner ? 'owner@workspace.example' : `${memberId}@workspace.example`;
  const facts = {
    member_id: memberId,
    email,
    name: `The ${role}`,
    role,
    status: 'active' as const,
    password_hash: null,
    totp_sealed: null,
  };
  const active = { ...facts, recovery_codes: [], ...NO_INVITATION };
  await (isOwner ? members.update(tx, workspace.id, active) : members.insert(tx, workspace.id, active));
  return { memberId, email, ...(await aSession(keyhold, workspace, { kind: 'member', memberId }, node)) };
}

/** A session of whoever is the Owner now. */
export async function theOwner(keyhold: Keyhold, workspace: Workspace): Promise<SignedInMember> {
  const [{ member_id: memberId, email } = { member_id: '', email: '' }] = await keyhold.database.asAdmin<{
    member_id: string;
    email: string;
  }>(`SELECT member_id, email FROM members WHERE workspace_id = $1 AND role = 'owner'`, [workspace.id]);
  if (memberId === workspace.ownerInvitation.memberId) return aMember(keyhold, workspace, 'owner');
  return { memberId, email, ...(await aSession(keyhold, workspace, { kind: 'member', memberId })) };
}

/** Somebody who was invited and has not come. Answers the id. */
export async function anInvitedMember(
  keyhold: Keyhold,
  workspace: Workspace,
  email: string,
  { role = 'user', expiresAt = new Date(Date.now() + 3_600_000) }: { role?: MemberRole; expiresAt?: Date } = {},
): Promise<string> {
  const memberId = randomUUID();
  await new MemberRows(macsOf(keyhold)).insert(queriesOf(keyhold, workspace.id), workspace.id, {
    member_id: memberId,
    email,
    name: email,
    role,
    status: 'invited',
    password_hash: null,
    totp_sealed: null,
    recovery_codes: [],
    invitation_sha256: Buffer.alloc(32, 1),
    invitation_expires_at: expiresAt,
    invited_by: 'test',
  });
  return memberId;
}

/** Lets a group read what is in the workspace's first box. */
export async function letGroupRead(keyhold: Keyhold, workspace: Workspace, groupId: string): Promise<void> {
  const who = { member_id: null, group_id: groupId, iam_arn: null, pinned_unique_id: null };
  const grant = { ...who, box_id: workspace.defaultBoxId, grant_id: randomUUID(), role: 'read' as const, is_owner_group: false };
  await new GrantRows(macsOf(keyhold)).insert(queriesOf(keyhold, workspace.id), workspace.id, grant);
}

/** An AWS identity that has signed in. What it may do is for grants to say. */
export function anAwsIdentity(keyhold: Keyhold, workspace: Workspace, caller: Partial<AwsCaller> = {}): Promise<SignedIn> {
  const aws: AwsCaller = {
    arn: 'arn:aws:sts::111122223333:assumed-role/App/i-0abc',
    account: '111122223333',
    uniqueId: 'AROAEXAMPLEEXAMPLE123',
    accessKeyId: 'ASIA…WXYZ',
    audienceBound: true,
    ...caller,
  };
  return aSession(keyhold, workspace, { kind: 'aws', aws });
}

/** Puts a member into a group. */
export async function joinGroup(keyhold: Keyhold, workspace: Workspace, groupId: string, memberId: string): Promise<void> {
  const membership = { group_id: groupId, member_id: memberId };
  await new GrantRows(macsOf(keyhold)).insertMembership(queriesOf(keyhold, workspace.id), workspace.id, membership);
}

export async function aSession(
  keyhold: Keyhold,
  workspace: Workspace,
  of: Parameters<typeof mintSession>[1]['of'],
  node: { url: string } = keyhold,
): Promise<SignedIn> {
  const order = { workspaceId: workspace.id, of, sourceAddress: '127.0.0.1', userAgent: 'test' };
  const { token, sessionId, insert } = mintSession(macsOf(keyhold), order);
  await insert(queriesOf(keyhold, workspace.id));
  return { sessionId, token, csrfToken: csrfTokenOf(token), call: aClient(`${node.url}/v1/workspaces/${workspace.id}`, token) };
}

export const macsOf = ({ rootKey }: Keyhold): RowMacs => new RowMacs(RootKey.fromBytes(rootKey));

/** The statements of the stores, past the policies. */
export function queriesOf({ database }: Keyhold, workspaceId: string): Queries {
  return {
    query: async <Row>({ text }: Statement, values: readonly unknown[] = []) =>
      (await database.asAdmin(text, [workspaceId, ...values])) as Row[],
  };
}
