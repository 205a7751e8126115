import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { type Action, BOX_ACTIONS, type BoxRole } from '#access';
import { aBox, aGroup, firstGroupOf } from '../harness/box.js';
import { type Client, aClient } from '../harness/client.js';
import { anItem } from '../harness/item.js';
import { aMember, anAwsIdentity, anInvitedMember, joinGroup } from '../harness/principals.js';
import type { Keyhold, Workspace } from '../harness/service.js';

const ACCOUNT = '111122223333';
const OTHER_ACCOUNT = '444455556666';
const APP_ID = 'AROAAPPAPPAPPAPPAPP12';
const JO_ID = 'AIDAJOJOJOJOJOJOJOJO1';

const sts = (name: string, account = ACCOUNT): string => `arn:aws:sts::${account}:${name}`;
const iam = (name: string, account = ACCOUNT): string => `arn:aws:iam::${account}:${name}`;

export interface AwsCallerPlan {
  arn: string;
  uniqueId: string;
  /** The ARNs by which a grant means it, as the documentation has it and without asking the code. */
  meantBy: readonly string[];
}

/** Who signs in from AWS, whether or not anything is granted to them. */
export const CALLERS: readonly AwsCallerPlan[] = [
  { arn: sts('assumed-role/App/s1'), uniqueId: APP_ID, meantBy: [sts('assumed-role/App/s1'), iam('role/App'), iam('root')] },
  // the role was deleted and made anew
  {
    arn: sts('assumed-role/App/s1'),
    uniqueId: 'AROANEWNEWNEWNEWNEW12',
    meantBy: [sts('assumed-role/App/s1'), iam('role/App'), iam('root')],
  },
  { arn: sts('assumed-role/App/s2'), uniqueId: APP_ID, meantBy: [sts('assumed-role/App/s2'), iam('role/App'), iam('root')] },
  { arn: iam('user/jo'), uniqueId: JO_ID, meantBy: [iam('user/jo'), iam('root')] },
  { arn: iam('user/App'), uniqueId: 'AIDAAPPAPPAPPAPPAPP12', meantBy: [iam('user/App'), iam('root')] },
  { arn: sts('federated-user/App'), uniqueId: `${ACCOUNT}:App`, meantBy: [sts('federated-user/App'), iam('root')] },
  { arn: iam('root'), uniqueId: ACCOUNT, meantBy: [iam('root')] },
  {
    arn: sts('assumed-role/App/s1', OTHER_ACCOUNT),
    uniqueId: 'AROAOTHEROTHEROTHER12',
    meantBy: [sts('assumed-role/App/s1', OTHER_ACCOUNT), iam('role/App', OTHER_ACCOUNT), iam('root', OTHER_ACCOUNT)],
  },
];

/** What may be granted, and the unique id that it may be pinned to. */
const GRANTABLE: readonly (readonly [arn: string, uniqueId?: string])[] = [
  [iam('role/App')],
  [iam('role/App'), APP_ID],
  [iam('role/team/App')],
  [sts('assumed-role/App/s1')],
  [sts('assumed-role/App/s1'), APP_ID],
  [iam('user/jo')],
  [iam('user/jo'), JO_ID],
  [sts('federated-user/App')],
  [iam('root')],
  [iam('root', OTHER_ACCOUNT)],
];

const role = fc.constantFrom<BoxRole>('read', 'write', 'owner');
const maybeRole = fc.option(role, { nil: undefined });
const member = fc.record({
  workspaceRole: fc.constantFrom('admin' as const, 'user' as const),
  status: fc.constantFrom('active' as const, 'active' as const, 'suspended' as const, 'invited' as const, 'reset' as const),
  grant: maybeRole,
  isInOwnerGroup: fc.boolean(),
  groups: fc.tuple(fc.boolean(), fc.boolean()),
});
const key = fc.record({
  scopes: fc.subarray<Action>([...BOX_ACTIONS, 'vault:read'], { minLength: 1 }),
  where: fc.constantFrom('every box', 'this box', 'another box'),
  isRevoked: fc.constantFrom(false, false, true),
});

export const worldPlan = fc.record({
  members: fc.array(member, { minLength: 3, maxLength: 5 }),
  groupRoles: fc.tuple(maybeRole, maybeRole),
  arns: fc.uniqueArray(fc.record({ granted: fc.constantFrom(...GRANTABLE), role }), {
    selector: ({ granted: [arn] }) => arn,
    maxLength: 6,
  }),
  keys: fc.array(key, { minLength: 2, maxLength: 4 }),
});
export type WorldPlan = typeof worldPlan extends fc.Arbitrary<infer Plan> ? Plan : never;

export interface AccessWorld {
  workspace: Workspace;
  boxId: string;
  /** Those who can ask, by id. An invited member cannot. */
  members: ReadonlyMap<string, Client | undefined>;
  keys: ReadonlyMap<string, Client>;
  /** Asks as an AWS identity. */
  as(caller: { arn: string; uniqueId: string }): Promise<Client>;
  /** What somebody can do in the box, found out by doing it. */
  doable(call: Client): Promise<Action[]>;
}

/** A workspace with one box to which all sorts of principals have all sorts of access. */
export async function anAccessWorld(keyhold: Keyhold, plan: WorldPlan): Promise<AccessWorld> {
  const workspace = await keyhold.aWorkspace();
  const owners = await firstGroupOf(workspace);
  const groups = [await aGroup(keyhold, workspace, 'Readers'), await aGroup(keyhold, workspace, 'Writers')];
  const grants: object[] = plan.groupRoles.flatMap((role, i) => (role ? [{ principal: { kind: 'group', groupId: groups[i] }, role }] : []));
  for (const { granted, role } of plan.arns) {
    const [arn, uniqueId] = granted;
    grants.push({ principal: { kind: 'iam', arn, ...(uniqueId !== undefined && { uniqueId }) }, role });
  }
  const owner = await aMember(keyhold, workspace, 'owner'); // whom alone no member outranks
  const members = new Map<string, Client | undefined>();
  for (const { workspaceRole, status, grant, isInOwnerGroup, groups: isIn } of plan.members) {
    const { memberId, call } = await somebody(keyhold, workspace, workspaceRole, status);
    members.set(memberId, call);
    if (grant) grants.push({ principal: { kind: 'user', memberId }, role: grant });
    for (const [i, groupId] of [...groups, owners].entries())
      if ([...isIn, isInOwnerGroup][i]) await joinGroup(keyhold, workspace, groupId, memberId);
    if (status === 'suspended') await expectOk(owner.call('PATCH', `/members/${memberId}`, { status }));
    if (status === 'reset') await expectOk(owner.call('POST', `/members/${memberId}/reset`));
  }
  const [boxId, other] = [await aBox(workspace, { grants }), await aBox(workspace)];
  const keys = new Map<string, Client>();
  for (const { scopes, where, isRevoked } of plan.keys) {
    const boxIds = { 'every box': undefined, 'this box': [boxId], 'another box': [other] }[where];
    const { apiKey, token } = await expectOk(workspace.call('POST', '/api-keys', { name: `Key ${randomUUID()}`, scopes, boxIds }));
    const { id } = apiKey as { id: string };
    if (isRevoked) await expectOk(workspace.call('DELETE', `/api-keys/${id}`));
    keys.set(id, aClient(`${keyhold.url}/v1/workspaces/${workspace.id}`, token as string));
  }
  return {
    workspace,
    boxId,
    members,
    keys,
    as: async (caller) => (await anAwsIdentity(keyhold, workspace, caller)).call,
    doable: (call) => doable(workspace, boxId, call),
  };
}

async function somebody(
  keyhold: Keyhold,
  workspace: Workspace,
  role: 'admin' | 'user',
  status: 'active' | 'suspended' | 'invited' | 'reset',
): Promise<{ memberId: string; call?: Client }> {
  if (status !== 'invited') return aMember(keyhold, workspace, role);
  return { memberId: await anInvitedMember(keyhold, workspace, `${randomUUID()}@workspace.example`, { role }) };
}

async function expectOk(answer: ReturnType<Client>): Promise<Record<string, unknown>> {
  const { status, text, body } = await answer;
  if (status >= 300) throw new Error(`${status} ${text}`);
  return body as Record<string, unknown>;
}

const REFUSED = new Set([401, 403, 404]);

async function doable(workspace: Workspace, boxId: string, call: Client): Promise<Action[]> {
  const itemId = await anItem(workspace, { secret: 'world' }, { boxId });
  const tries: readonly (readonly [Action, string, string, object?])[] = [
    ['box:read', 'GET', `/boxes/${boxId}`],
    ['item:read', 'GET', `/items/${itemId}`],
    ['item:unseal', 'POST', `/items/${itemId}/unseal`],
    ['item:seal', 'PUT', `/items/${itemId}`, { payload: { secret: 'new' } }],
    ['item:export', 'GET', `/items/${itemId}/export`], // refused for the vault's key afterwards, which has nothing to export for
    ['box:manage', 'GET', `/boxes/${boxId}/grants`],
    ['item:delete', 'DELETE', `/items/${itemId}`],
  ];
  const done = new Set<Action>();
  for (const [action, method, path, body] of tries) if (!REFUSED.has((await call(method, path, body)).status)) done.add(action);
  return BOX_ACTIONS.filter((action) => done.has(action));
}
