import { randomUUID } from 'node:crypto';
import type { NamedPrincipal } from '#boxes';
import type { Answer } from './client.js';
import type { Keyhold, Workspace } from './service.js';

type Role = 'owner' | 'write' | 'read';

/** The group that a workspace starts with, which owns its first box. */
export async function firstGroupOf(workspace: Workspace): Promise<string> {
  return (await made(workspace.call('GET', `/boxes/${workspace.defaultBoxId}`), 200)).ownerGroupId as string;
}

/** A box of the first group when nothing else is said; answers its id. */
export async function aBox(workspace: Workspace, more: object = {}): Promise<string> {
  const body = { name: `Box ${randomUUID()}`, ownerGroupId: await firstGroupOf(workspace), ...more };
  return (await made(workspace.call('POST', '/boxes', body), 201)).id as string;
}

/** Answers its id. */
export async function aGrant(workspace: Workspace, boxId: string, principal: NamedPrincipal, role: Role): Promise<string> {
  return (await made(workspace.call('POST', `/boxes/${boxId}/grants`, { principal, role }), 201)).id as string;
}

/** A local group without members, put into the database. */
export async function aGroup({ database }: Keyhold, workspace: Workspace, name = `Group ${randomUUID()}`): Promise<string> {
  const groupId = randomUUID();
  await database.asAdmin('INSERT INTO groups (workspace_id, group_id, name) VALUES ($1, $2, $3)', [workspace.id, groupId, name]);
  return groupId;
}

async function made(answer: Promise<Answer>, expected: number): Promise<Record<string, unknown>> {
  const { status, body, text } = await answer;
  if (status !== expected) throw new Error(`expected ${expected}, not ${status} ${text}`);
  return body as Record<string, unknown>;
}
