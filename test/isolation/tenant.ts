import { aProviderOrder } from '../harness/acts.js';
import { aBox, aGrant, firstGroupOf } from '../harness/box.js';
import { anItem } from '../harness/item.js';
import { aJob } from '../harness/job.js';
import { type Customer, REGIONS } from '../harness/customer.js';
import { aRegionDrill } from '../harness/drill.js';
import { aMember, aSession } from '../harness/principals.js';
import type { Keyhold, Workspace } from '../harness/service.js';
import { VALUES, aSetupLink } from '../harness/setup-link.js';
import { aDefaultVault, aManagedVault, aRekeyedVault, anAwsKmsVault } from '../harness/vault.js';
import { aWebhook, anEndedDelivery, webhookOrder } from '../harness/webhook.js';
import type { Kind, Made } from './kinds.js';
import type { Sentinels } from './sentinels.js';

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
  /** Of the processes that serve everybody: receipts of purges name them. */
  nodeIds: readonly string[];
  /** A box besides the first. */
  secondBoxId: string;
  ids: Readonly<Record<Kind, string>>;
  /** Of kinds that can be deleted: one that was. */
  deleted: Readonly<Partial<Record<Kind, string>>>;
  /** A new one, for somebody to use up. */
  another(kind: Made): Promise<string>;
}

/** Who is told of what happens to the tenant's keys. */
export const alertEmailOf = ({ id }: Workspace): string => `alerts-${id}@acme.example`;

/** What the tenant's sealed data was sealed with. */
export const contextOf = ({ workspace }: Tenant): string => `context of ${workspace.id}`;

export async function aTenant(keyhold: Keyhold, sentinels: Sentinels): Promise<Tenant> {
  const workspace = await keyhold.aWorkspace(sentinels.next());
  const { vaultId, customer } = await anAwsKmsVault(keyhold, workspace, { name: sentinels.next(), setAsDefault: true });
  await aHistoryOf(workspace, vaultId, customer);
  const webhookId = await aWebhookOf({ keyhold, workspace, sentinels });
  await callsOf(workspace)('PUT', '/alert-settings', { emails: [alertEmailOf(workspace)], eventTypes: ['job.failed'] });
  const makers = makersOf({ keyhold, workspace, sentinels }, { vaultId, webhookId });
  const deleted = await whatWasDeleted(workspace, makers);
  const made = await whatIsThere(workspace, makers);
  return {
    keyhold,
    workspace,
    sentinels,
    customer,
    issuer: (await aProviderOrder({ keyhold })).issuer,
    publicIds: makers.publicIds,
    nodeIds: await nodeIdsOf(keyhold),
    secondBoxId: await makers.make['new box'](),
    another: (kind) => makers.make[kind](),
    deleted,
    ids: {
      ...made,
      ...(await whatFollows({ keyhold, workspace, sentinels }, vaultId)),
      ...(await cursorsOf(keyhold, workspace, { ...made, vault: vaultId, webhook: webhookId })),
      workspace: workspace.id,
      box: workspace.defaultBoxId,
      vault: vaultId,
      webhook: webhookId,
    },
  };
}

type Founding = Pick<Tenant, 'keyhold' | 'workspace' | 'sentinels'>;

interface Makers {
  make: Readonly<Record<Made, () => Promise<string>>>;
  /** Of all providers made so far. */
  publicIds: readonly string[];
}

function makersOf(founding: Founding, { vaultId, webhookId }: { vaultId: string; webhookId: string }): Makers {
  const { keyhold, workspace, sentinels } = founding;
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
    'rekeyed vault': () => aRekeyedVault(keyhold, workspace, { name: text() }),
    purge: async () => (await call<{ id: string }>('POST', `/vaults/${vaultId}/purge`)).id,
    drill: () => aRegionDrill(workspace, vaultId),
    'new webhook': () => aWebhookOf(founding),
    delivery: () => anEndedDelivery(keyhold, workspace.id, webhookId),
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

/** Its key was withdrawn, and is back. */
async function aHistoryOf(workspace: Workspace, vaultId: string, customer: Customer): Promise<void> {
  const verify = () => callsOf(workspace)('POST', `/vaults/${vaultId}/verify`);
  await customer.disableKey(REGIONS.main);
  await verify();
  await customer.enableKey(REGIONS.main);
  await verify();
}

const aWebhookOf = async ({ keyhold, workspace, sentinels }: Founding): Promise<string> =>
  (await aWebhook(keyhold, workspace, { name: sentinels.next(), url: `${webhookOrder(keyhold).url}/${sentinels.next()}` })).id;

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
    'new webhook': '/webhooks',
    'setup link': '/aws-setup/links',
    'setup proposal': '/aws-setup/proposals',
  } as const;
  const deleted: Partial<Record<Kind, string>> = {};
  for (const [kind, place] of Object.entries(places) as [keyof typeof places, string][]) {
    const id = await make[kind]();
    await callsOf(workspace)('DELETE', `${place}/${id}`);
    deleted[kind] = id;
  }
  return { ...deleted, vault: deleted['new vault'], webhook: deleted['new webhook'] };
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

async function cursorsOf(keyhold: Keyhold, workspace: Workspace, made: Record<Made | 'vault' | 'webhook', string>) {
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
    'cursor of health changes': await cursor(`/vaults/${made.vault}/health/history`),
    'cursor of purges': await cursor(`/vaults/${made.vault}/purges`),
    'cursor of drills': await cursor(`/vaults/${made.vault}/drills`),
    'cursor of webhooks': await cursor('/webhooks'),
    'cursor of deliveries': await cursor(`/webhooks/${made.webhook}/deliveries`),
    'cursor of setup proposals': await cursor('/aws-setup/proposals'),
  };
}

async function nodeIdsOf({ database }: Keyhold): Promise<string[]> {
  return (await database.asAdmin<{ node_id: string }>('SELECT node_id FROM nodes')).map(({ node_id }) => node_id);
}

/** Requests that must succeed. */
function callsOf(workspace: Workspace) {
  return async <Body>(method: string, path: string, body?: object): Promise<Body> => {
    const answer = await workspace.call(method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.body as Body;
  };
}
