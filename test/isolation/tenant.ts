import { randomBytes, randomUUID } from 'node:crypto';
import { aProviderOrder } from '../harness/acts.js';
import { aBox, aGrant, firstGroupOf } from '../harness/box.js';
import { anItem } from '../harness/item.js';
import { aJob } from '../harness/job.js';
import type { Customer } from '../harness/customer.js';
import { aMember, aSession } from '../harness/principals.js';
import type { Keyhold, Workspace } from '../harness/service.js';
import { VALUES, aSetupLink } from '../harness/setup-link.js';
import { aDefaultVault, aManagedVault, anAwsKmsVault } from '../harness/vault.js';
import type { Sentinels } from './sentinels.js';

/** What can be made by anybody who may, and is deleted again by some. */
export type Made =
  | 'item'
  | 'new box'
  | 'deleted box'
  | 'grant'
  | 'member'
  | 'group'
  | 'provider'
  | 'api key'
  | 'invitation'
  | 'new vault'
  | 'deleted vault'
  | 'job'
  | 'setup link'
  | 'setup proposal';

/** What an id in a request can be the id of. */
export type Kind =
  | Made
  | 'workspace'
  | 'box'
  | 'session'
  | 'vault'
  | 'active member'
  | 'owner group'
  | 'sealed'
  | 'principal'
  | 'request'
  | `cursor of ${List}`;

type List =
  | 'vaults'
  | 'items'
  | 'versions'
  | 'audit events'
  | 'boxes'
  | 'grants'
  | 'access'
  | 'members'
  | 'groups'
  | 'group members'
  | 'identity providers'
  | 'API keys'
  | 'sessions'
  | 'deleted vaults'
  | 'jobs'
  | 'setup links'
  | 'setup proposals';

/** A workspace that has one of everything, with a sentinel in every text that somebody can read. */
export interface Tenant {
  keyhold: Keyhold;
  workspace: Workspace;
  sentinels: Sentinels;
  /** Whose key the vault is under. */
  customer: Customer;
  /** Of an OpenID provider that answers. */
  issuer: string;
  /** Of all identity providers that it ever had, with what each knows us by: everybody may see them. */
  publicIds: readonly string[];
  /** A box besides the first. */
  secondBoxId: string;
  ids: Readonly<Record<Kind, string>>;
  /** Of kinds that can be deleted: one that was. */
  deleted: Readonly<Partial<Record<Kind, string>>>;
  /** A new one, for somebody to use up. */
  another(kind: Made): Promise<string>;
}

/** What the tenant's sealed data was sealed with. */
export const contextOf = ({ workspace }: Tenant): string => `context of ${workspace.id}`;

export async function aTenant(keyhold: Keyhold, sentinels: Sentinels): Promise<Tenant> {
  const workspace = await keyhold.aWorkspace(sentinels.next());
  const { vaultId, customer } = await anAwsKmsVault(keyhold, workspace, { name: sentinels.next(), setAsDefault: true });
  const makers = makersOf({ keyhold, workspace, sentinels }, vaultId);
  const deleted = await whatWasDeleted(workspace, makers);
  const made = await whatIsThere(workspace, makers);
  return {
    keyhold,
    workspace,
    sentinels,
    customer,
    issuer: (await aProviderOrder({ keyhold })).issuer,
    publicIds: makers.publicIds,
    secondBoxId: await makers.make['new box'](),
    another: (kind) => makers.make[kind](),
    deleted,
    ids: {
      ...made,
      ...(await whatFollows({ keyhold, workspace, sentinels }, vaultId)),
      ...(await cursorsOf(keyhold, workspace, made)),
      workspace: workspace.id,
      box: workspace.defaultBoxId,
      vault: vaultId,
    },
  };
}

type Founding = Pick<Tenant, 'keyhold' | 'workspace' | 'sentinels'>;

interface Makers {
  make: Readonly<Record<Made, () => Promise<string>>>;
  /** Of all providers made so far. */
  publicIds: readonly string[];
}

function makersOf({ keyhold, workspace, sentinels }: Founding, vaultId: string): Makers {
  const [call, text, publicIds] = [callsOf(workspace), () => sentinels.next(), [] as string[]];
  const newBox = () => aBox(workspace, { name: text(), description: text() });
  const someoneInvited = () =>
    call<{ member: { id: string }; invitation: { token: string } }>('POST', '/members', {
      email: `${text()}@acme.example`,
      name: text(),
      role: 'user',
    });
  const make: Makers['make'] = {
    item: () => anItem(workspace, { secret: text() }, { name: text() }),
    'new box': newBox,
    async 'deleted box'() {
      const boxId = await newBox();
      await call('DELETE', `/boxes/${boxId}`);
      return boxId;
    },
    grant: () => aGrant(workspace, workspace.defaultBoxId, { kind: 'iam', arn: `arn:aws:iam::111122223333:role/${text()}` }, 'read'),
    member: async () => (await someoneInvited()).member.id,
    invitation: async () => (await someoneInvited()).invitation.token,
    group: async () => (await call<{ id: string }>('POST', '/groups', { name: text() })).id,
    async provider() {
      // its name is for everybody to see
      const order = { ...(await aProviderOrder({ keyhold })), name: `Provider ${publicIds.length}`, groupsClaim: text() };
      const { id } = await call<{ id: string }>('POST', '/identity-providers', order);
      publicIds.push(id, order.clientId);
      return id;
    },
    async 'api key'() {
      const { apiKey } = await call<{ apiKey: { id: string } }>('POST', '/api-keys', { name: text(), scopes: ['vault:read'] });
      return apiKey.id;
    },
    'new vault': () => aDefaultVault(workspace, { name: text() }),
    async 'deleted vault'() {
      const deletedId = await aManagedVault(workspace, { name: text() });
      await call('DELETE', `/vaults/${deletedId}`);
      return deletedId;
    },
    job: () => aJob(keyhold, workspace.id, { vaultId, params: { parts: 3, of: text() } }),
    'setup link': async () => (await aSetupLink(keyhold, workspace, { name: text() })).linkId,
    async 'setup proposal'() {
      const { linkId, call: answer } = await aSetupLink(keyhold, workspace, { name: text() });
      const { status, body } = await answer('POST', '/proposals', {
        ...VALUES,
        keyId: `mrk-${text()}`,
        roleArn: `arn:aws:iam::111122223333:role/${text()}`,
      });
      if (status !== 201) throw new Error(`proposing a key: ${status}`);
      await call('DELETE', `/aws-setup/links/${linkId}`); // there may be few at a time
      return body.id as string;
    },
  };
  return { make, publicIds };
}

async function whatWasDeleted(workspace: Workspace, { make }: Makers): Promise<Tenant['deleted']> {
  const places = {
    item: '/items',
    grant: `/boxes/${workspace.defaultBoxId}/grants`,
    member: '/members',
    group: '/groups',
    provider: '/identity-providers',
    'api key': '/api-keys',
    'new box': '/boxes',
    'new vault': '/vaults',
    'setup link': '/aws-setup/links',
    'setup proposal': '/aws-setup/proposals',
  } as const;
  const deleted: Partial<Record<Kind, string>> = {};
  for (const [kind, place] of Object.entries(places) as [keyof typeof places, string][]) {
    const id = await make[kind]();
    await callsOf(workspace)('DELETE', `${place}/${id}`);
    deleted[kind] = id;
  }
  return { ...deleted, vault: deleted['new vault'] };
}

/** Two of each, so that a list of one goes on. The item has two versions, the group two members. */
async function whatIsThere(workspace: Workspace, { make }: Makers): Promise<Record<Made, string>> {
  const call = callsOf(workspace);
  const made: Partial<Record<Made, string>> = {};
  for (const kind of Object.keys(make) as Made[]) {
    await make[kind]();
    made[kind] = await make[kind]();
  }
  const ids = made as Record<Made, string>;
  await call('PUT', `/items/${ids.item}`, { payload: { secret: 2 } });
  for (const id of [ids.member, workspace.ownerInvitation.memberId]) await call('PUT', `/groups/${ids.group}/members/${id}`);
  await call('POST', '/vaults', { name: 'Another vault', strategy: 'default' });
  return ids;
}

async function whatFollows({ keyhold, workspace, sentinels }: Founding, vaultId: string) {
  const call = callsOf(workspace);
  const admin = await aMember(keyhold, workspace, 'admin');
  const order = { vaultId, context: `context of ${workspace.id}`, payload: { secret: sentinels.next() } };
  const { sealed } = await call<{ sealed: string }>('POST', '/seal', order);
  const [event] = (await call<{ data: { requestId: string; principal: { id: string } }[] }>('GET', '/audit-events')).data;
  if (!event) throw new Error('there is no event');
  return {
    'active member': admin.memberId,
    session: admin.sessionId,
    'owner group': await firstGroupOf(workspace),
    sealed,
    principal: event.principal.id,
    request: event.requestId,
  };
}

async function cursorsOf(keyhold: Keyhold, workspace: Workspace, made: Record<Made, string>) {
  const someone = await aMember(keyhold, workspace, 'user');
  await aSession(keyhold, workspace, { kind: 'member', memberId: someone.memberId });
  const cursor = async (list: string, call = workspace.call) => {
    const { body, text } = await call('GET', `${list}?limit=1`);
    if (typeof body.nextCursor !== 'string') throw new Error(`${list} has no second page: ${text}`);
    return body.nextCursor as string;
  };
  return {
    'cursor of vaults': await cursor('/vaults'),
    'cursor of items': await cursor('/items'),
    'cursor of versions': await cursor(`/items/${made.item}/versions`),
    'cursor of audit events': await cursor('/audit-events'),
    'cursor of boxes': await cursor('/boxes'),
    'cursor of grants': await cursor(`/boxes/${workspace.defaultBoxId}/grants`),
    'cursor of access': await cursor(`/boxes/${workspace.defaultBoxId}/access`),
    'cursor of members': await cursor('/members'),
    'cursor of groups': await cursor('/groups'),
    'cursor of group members': await cursor(`/groups/${made.group}/members`),
    'cursor of identity providers': await cursor('/identity-providers'),
    'cursor of API keys': await cursor('/api-keys'),
    'cursor of sessions': await cursor('/sessions', someone.call),
    'cursor of deleted vaults': await cursor('/deleted-vaults'),
    'cursor of jobs': await cursor('/jobs'),
    'cursor of setup links': await cursor('/aws-setup/links'),
    'cursor of setup proposals': await cursor('/aws-setup/proposals'),
  };
}

/** An id of nothing, in the shape of its kind. */
export function absentId(kind: Kind, { workspace }: Tenant): string {
  if (kind.startsWith('cursor')) return randomBytes(60).toString('base64url');
  if (kind === 'invitation') return `khi_${workspace.id.replaceAll('-', '')}_${randomBytes(32).toString('base64url')}`;
  return kind === 'sealed' ? sealedForNobody() : randomUUID();
}

/** The other tenant's own. An invitation says whose it is: that much is changed in it. */
export function foreignId(kind: Kind, acme: Tenant, globex: Tenant): string {
  const [here, there] = [acme, globex].map(({ workspace }) => workspace.id.replaceAll('-', '')) as [string, string];
  return kind === 'invitation' ? globex.ids[kind].replace(there, here) : globex.ids[kind];
}

/** As the service makes them, under a data key that nobody has. */
function sealedForNobody(): string {
  const [salt, cmt, ...parts] = [32, 32, 12, 60, 16].map((bytes) => randomBytes(bytes).toString('base64url'));
  const header = { alg: 'dir', enc: 'A256GCM', typ: 'keyhold', v: 1, vid: randomUUID(), dk: randomUUID(), salt, cmt };
  return [Buffer.from(JSON.stringify(header)).toString('base64url'), '', ...parts].join('.');
}

/** Not even the shape of an id. */
export const malformedId = (kind: Kind): string => (kind === 'sealed' ? 'no token' : "1' OR '1'='1");

/** Requests that must succeed. */
function callsOf(workspace: Workspace) {
  return async <Body>(method: string, path: string, body?: object): Promise<Body> => {
    const answer = await workspace.call(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body as Body;
  };
}
