import { randomUUID } from 'node:crypto';
import { ACTS_OF_AWS } from './acts-of-aws.js';
import { ACTS_OF_ONBOARDING } from './acts-of-onboarding.js';
import { ACTS_OF_PEOPLE } from './acts-of-people.js';
import { aBox, aGrant, firstGroupOf } from './box.js';
import type { Answer } from './client.js';
import { type Customer, aCustomer } from './customer.js';
import { anItem } from './item.js';
import { aWebhook, anEndedDelivery, webhookOrder } from './webhook.js';
import { aJob } from './job.js';
import { type OpenIdProvider, anOpenIdProvider } from './openid-provider.js';
import { aMember, theOwner } from './principals.js';
import type { Keyhold, Workspace } from './service.js';
import { type VaultOrder, aDefaultVault, aManagedVault, aRekeyedVault, anAwsKmsVault } from './vault.js';

/** What acts need. The vault is under the customer's key. */
export interface ActWorld {
  keyhold: Keyhold;
  workspace: Workspace;
  vaultId: string;
  customer: Customer;
}

/** One way to do something that is to be recorded. */
export interface Act {
  name: string;
  /** In the OpenAPI document. */
  operationId: string;
  /** Whether a repeat under an idempotency key acts once. */
  isWrite: boolean;
  /** Whoever has done it may not do it again, so that a repeat may be refused before its record is looked for. */
  isOnce?: true;
  /** Events that it leaves; 1 when nothing is said. */
  events?: number;
  /** Who does it; a service with every scope when nothing is said. */
  by?: 'owner' | 'user' | 'aws' | 'setup_link';
  /** Makes what the request needs, and answers the request: each call of it sends the same. */
  prepare(world: ActWorld): Promise<SendAct>;
}

export type SendAct = (headers?: Record<string, string>) => Promise<Answer>;

type Asked = [method: string, path: string, body?: object];

const act = (operationId: string, isWrite: boolean, ask: (world: ActWorld) => Promise<Asked>, name = operationId): Act => ({
  name,
  operationId,
  isWrite,
  async prepare(world) {
    const [method, path, body] = await ask(world);
    return (headers) => world.workspace.call(method, path, body, headers);
  },
});
const write = (operationId: string, ask: (world: ActWorld) => Promise<Asked>, name?: string): Act => act(operationId, true, ask, name);
const writeOfTwo = (operationId: string, ask: (world: ActWorld) => Promise<Asked>): Act => ({ ...write(operationId, ask), events: 2 });
const use = (operationId: string, ask: (world: ActWorld) => Promise<Asked>): Act => act(operationId, false, ask);

/** A box of the group that owns the first one. */
const boxIn = ({ workspace }: ActWorld): Promise<string> => aBox(workspace);
const grantIn = async ({ workspace }: ActWorld, boxId: string): Promise<string> =>
  aGrant(workspace, boxId, { kind: 'iam', arn: 'arn:aws:iam::111122223333:role/App' }, 'read');

const itemIn = ({ workspace, vaultId }: ActWorld): Promise<string> => anItem(workspace, { secret: randomUUID() }, { vaultId });

const jobIn = ({ keyhold, workspace, vaultId }: ActWorld): Promise<string> => aJob(keyhold, workspace.id, { vaultId });

const providers = new WeakMap<Keyhold, Promise<OpenIdProvider>>();

/** An OpenID provider that the service can ask, one for all acts. */
export async function aProviderOrder({
  keyhold,
}: Pick<ActWorld, 'keyhold'>): Promise<{ name: string; issuer: string; clientId: string; clientSecret: string }> {
  const [place] = keyhold.places;
  if (!place) throw new Error('there is no place for a provider');
  const provider = await (providers.get(keyhold) ?? providers.set(keyhold, anOpenIdProvider(place)).get(keyhold));
  if (!provider) throw new Error('a provider that was just set');
  const { clientId, clientSecret } = provider.aClient();
  return { name: aName(), issuer: provider.issuer, clientId, clientSecret };
}

/** Its id. */
async function anIdentityProvider(world: ActWorld): Promise<string> {
  const { status, body } = await world.workspace.call('POST', '/identity-providers', await aProviderOrder(world));
  if (status !== 201) throw new Error(`registering an identity provider: ${status} ${JSON.stringify(body)}`);
  return body.id as string;
}

const webhooks = new WeakMap<Workspace, Promise<{ id: string }>>();

/** One of each workspace, which cannot have many. Its id. */
async function webhookIn({ keyhold, workspace }: ActWorld): Promise<string> {
  const made = webhooks.get(workspace) ?? aWebhook(keyhold, workspace);
  webhooks.set(workspace, made);
  return (await made).id;
}

const aName = (): string => `N ${randomUUID()}`;

/** One more vault, that `act` was done to. */
async function vaultIn({ workspace }: ActWorld, act?: 'disable' | 'suspend'): Promise<string> {
  const vaultId = await aDefaultVault(workspace, { name: aName() });
  if (act) await workspace.call('POST', `/vaults/${vaultId}/${act}`);
  return vaultId;
}

/** One more vault under a customer's key: of each there is one drill at a time. */
const drillableIn = async ({ keyhold, workspace }: ActWorld): Promise<string> =>
  (await anAwsKmsVault(keyhold, workspace, { name: aName() })).vaultId;

const createWorkspace: Act = {
  name: 'createWorkspace',
  operationId: 'createWorkspace',
  isWrite: true,
  prepare({ keyhold }) {
    const body = { name: aName(), ownerEmail: 'owner@workspace.example' };
    return Promise.resolve((headers) => keyhold.operator('POST', '/v1/workspaces', body, headers));
  },
};

const aMemberId = async ({ workspace }: ActWorld): Promise<string> => {
  const { body } = await workspace.call('POST', '/members', { email: `${randomUUID()}@workspace.example`, role: 'user' });
  return body.member.id as string;
};
const aGroupId = async ({ workspace }: ActWorld): Promise<string> =>
  (await workspace.call('POST', '/groups', { name: aName() })).body.id as string;

const transferOwnership: Act = {
  name: 'transferOwnership',
  operationId: 'transferOwnership',
  isWrite: true,
  isOnce: true,
  by: 'owner',
  async prepare({ keyhold, workspace }) {
    const [owner, { memberId }] = [await theOwner(keyhold, workspace), await aMember(keyhold, workspace, 'admin')];
    return (headers) => owner.call('PUT', '/owner', { memberId }, headers);
  },
};

const resetMember: Act = {
  name: 'resetMember',
  operationId: 'resetMember',
  isWrite: true,
  by: 'owner',
  async prepare({ keyhold, workspace }) {
    const [owner, { memberId }] = [await theOwner(keyhold, workspace), await aMember(keyhold, workspace, 'user')];
    return (headers) => owner.call('POST', `/members/${memberId}/reset`, undefined, headers);
  },
};

/** Everything that changes something or uses a key, route by route. */
export const ACTS: readonly Act[] = [
  createWorkspace,
  ...ACTS_OF_PEOPLE,
  ...ACTS_OF_AWS,
  ...ACTS_OF_ONBOARDING,
  write('createVault', () => Promise.resolve(['POST', '/vaults', { name: aName(), strategy: 'default' }])),
  write(
    'createVault',
    async ({ keyhold, workspace }) => {
      const { target } = await aCustomer(keyhold.sandbox, { externalId: workspace.id, principalArn: keyhold.platform.principalArn });
      return ['POST', '/vaults', { name: aName(), strategy: 'aws-kms', awsKms: target }];
    },
    'createVault under a key of a customer',
  ),
  write('updateWorkspace', () => Promise.resolve(['PATCH', '', { name: aName(), awsAudience: 'optional' }])),
  write('updateVault', ({ vaultId }) => Promise.resolve(['PATCH', `/vaults/${vaultId}`, { name: aName() }])),
  write('verifyVault', ({ vaultId }) => Promise.resolve(['POST', `/vaults/${vaultId}/verify`])),
  write('setDefaultVault', ({ vaultId }) => Promise.resolve(['POST', `/vaults/${vaultId}/default`])),
  write('deleteVault', async ({ workspace }) => ['DELETE', `/vaults/${await aDefaultVault(workspace, { name: aName() })}`]),
  {
    ...write('restoreVault', async ({ workspace }) => {
      const vaultId = await aManagedVault(workspace);
      await workspace.call('DELETE', `/vaults/${vaultId}`);
      return ['POST', `/vaults/${vaultId}/restore`];
    }),
    events: 2,
  },
  write('disableVault', async (world) => ['POST', `/vaults/${await vaultIn(world)}/disable`, { reason: 'Why not' }]),
  write('enableVault', async (world) => ['POST', `/vaults/${await vaultIn(world, 'disable')}/enable`]),
  write('suspendVault', async (world) => ['POST', `/vaults/${await vaultIn(world)}/suspend`]),
  writeOfTwo('resumeVault', async (world) => ['POST', `/vaults/${await vaultIn(world, 'suspend')}/resume`]),
  writeOfTwo('purgeVault', async (world) => ['POST', `/vaults/${await vaultIn(world)}/purge`]),
  writeOfTwo('startVaultRevocationDrill', async (world) => ['POST', `/vaults/${await drillableIn(world)}/drills/revocation`]),
  writeOfTwo('startVaultRegionDrill', async (world) => ['POST', `/vaults/${await drillableIn(world)}/drills/region`]),
  writeOfTwo('cancelVaultDrill', async (world) => {
    const drills = `/vaults/${await drillableIn(world)}/drills`;
    const { body } = await world.workspace.call('POST', `${drills}/region`);
    return ['POST', `${drills}/${body.id as string}/cancel`];
  }),
  write('createIdentityProvider', async (world) => ['POST', '/identity-providers', await aProviderOrder(world)]),
  write('updateIdentityProvider', async (world) => ['PATCH', `/identity-providers/${await anIdentityProvider(world)}`, { name: aName() }]),
  write('deleteIdentityProvider', async (world) => ['DELETE', `/identity-providers/${await anIdentityProvider(world)}`]),
  write('createBox', async ({ workspace }) => ['POST', '/boxes', { name: aName(), ownerGroupId: await firstGroupOf(workspace) }]),
  write('updateBox', async (world) => ['PATCH', `/boxes/${await boxIn(world)}`, { name: aName(), description: 'New' }]),
  write('deleteBox', async (world) => ['DELETE', `/boxes/${await boxIn(world)}`]),
  write('restoreBox', async (world) => {
    const boxId = await boxIn(world);
    await world.workspace.call('DELETE', `/boxes/${boxId}`);
    return ['POST', `/boxes/${boxId}/restore`];
  }),
  write('addGrant', async (world) => [
    'POST',
    `/boxes/${await boxIn(world)}/grants`,
    { principal: { kind: 'user', memberId: world.workspace.ownerInvitation.memberId }, role: 'read' },
  ]),
  write('changeGrant', async (world) => {
    const boxId = await boxIn(world);
    return ['PATCH', `/boxes/${boxId}/grants/${await grantIn(world, boxId)}`, { role: 'write' }];
  }),
  write('removeGrant', async (world) => {
    const boxId = await boxIn(world);
    return ['DELETE', `/boxes/${boxId}/grants/${await grantIn(world, boxId)}`];
  }),
  write('createItem', ({ vaultId }) =>
    Promise.resolve(['POST', '/items', { kind: 'secret', name: aName(), vaultId, payload: { secret: randomUUID() } }]),
  ),
  write('createItemVersion', async (world) => ['PUT', `/items/${await itemIn(world)}`, { payload: { secret: randomUUID() } }]),
  write('deleteItem', async (world) => ['DELETE', `/items/${await itemIn(world)}`]),
  write('inviteMember', () => Promise.resolve(['POST', '/members', { email: `${randomUUID()}@workspace.example`, role: 'admin' }])),
  write('updateMember', async (world) => ['PATCH', `/members/${await aMemberId(world)}`, { name: aName() }]),
  write('removeMember', async (world) => ['DELETE', `/members/${await aMemberId(world)}`]),
  write('renewInvitation', async (world) => ['POST', `/members/${await aMemberId(world)}/invitation`]),
  resetMember,
  transferOwnership,
  write('createGroup', () => Promise.resolve(['POST', '/groups', { name: aName() }])),
  write('deleteGroup', async (world) => ['DELETE', `/groups/${await aGroupId(world)}`]),
  write('addGroupMember', async (world) => ['PUT', `/groups/${await aGroupId(world)}/members/${await aMemberId(world)}`]),
  write('removeGroupMember', async (world) => {
    const path = `/groups/${await aGroupId(world)}/members/${await aMemberId(world)}`;
    await world.workspace.call('PUT', path);
    return ['DELETE', path];
  }),
  write('moveItem', async (world) => ['POST', `/items/${await itemIn(world)}/box`, { boxId: await boxIn(world) }]),
  write('moveItemToVault', async (world) => {
    const itemId = await anItem(world.workspace, { secret: randomUUID() });
    return ['POST', `/items/${itemId}/vault`, { vaultId: await aDefaultVault(world.workspace, { name: aName() }) }];
  }),
  {
    ...write('rekeyVault', async ({ workspace }) => [
      'POST',
      `/vaults/${await aDefaultVault(workspace, { name: aName() })}/rekey`,
      { strategy: 'default' },
    ]),
    events: 2,
  },
  {
    ...write('undoRekey', async ({ keyhold, workspace }) => {
      return ['POST', `/vaults/${await aRekeyedVault(keyhold, workspace, { name: aName() })}/rekey/undo`];
    }),
    events: 2,
  },
  {
    ...write('evacuateVault', async ({ workspace, vaultId }) => [
      'POST',
      `/vaults/${await aDefaultVault(workspace, { name: aName() })}/evacuate`,
      { targetVaultId: vaultId },
    ]),
    events: 2,
  },
  write('moveItems', async ({ workspace, vaultId }) => [
    'POST',
    '/item-moves',
    { sourceVaultId: await aDefaultVault(workspace, { name: aName() }), targetVaultId: vaultId },
  ]),
  write('createApiKey', () => Promise.resolve(['POST', '/api-keys', { name: aName(), scopes: ['item:read', 'vault:read'] }])),
  write('revokeApiKey', async ({ workspace }) => {
    const { body } = await workspace.call('POST', '/api-keys', { name: aName(), scopes: ['item:read'] });
    return ['DELETE', `/api-keys/${body.apiKey.id as string}`];
  }),
  write('createWebhook', ({ keyhold }) => Promise.resolve(['POST', '/webhooks', webhookOrder(keyhold)])),
  write('updateWebhook', async (world) => ['PATCH', `/webhooks/${await webhookIn(world)}`, { name: aName() }]),
  write('deleteWebhook', async (world) => ['DELETE', `/webhooks/${(await aWebhook(world.keyhold, world.workspace)).id}`]),
  write('rotateWebhookSecret', async (world) => ['POST', `/webhooks/${await webhookIn(world)}/rotate-secret`]),
  write('testWebhook', async (world) => ['POST', `/webhooks/${await webhookIn(world)}/test`]),
  write('replayWebhookDelivery', async (world) => {
    const id = await webhookIn(world);
    return ['POST', `/webhooks/${id}/deliveries/${await anEndedDelivery(world.keyhold, world.workspace.id, id)}/replay`];
  }),
  write('setAlertSettings', () =>
    Promise.resolve(['PUT', '/alert-settings', { emails: [`${randomUUID()}@acme.example`], eventTypes: ['job.failed'] }]),
  ),
  write('pauseJob', async (world) => ['POST', `/jobs/${await jobIn(world)}/pause`]),
  write('resumeJob', async (world) => {
    const jobId = await jobIn(world);
    await world.workspace.call('POST', `/jobs/${jobId}/pause`);
    return ['POST', `/jobs/${jobId}/resume`];
  }),
  write('cancelJob', async (world) => ['POST', `/jobs/${await jobIn(world)}/cancel`]),
  use('unsealItem', async (world) => ['POST', `/items/${await itemIn(world)}/unseal`]),
  use('exportItem', async (world) => ['GET', `/items/${await itemIn(world)}/export`]),
  use('seal', ({ vaultId }) => Promise.resolve(['POST', '/seal', { vaultId, context: 'c', payload: { secret: randomUUID() } }])),
  use('unseal', async ({ workspace, vaultId }) => {
    const { body } = await workspace.call('POST', '/seal', { vaultId, context: 'c', payload: { secret: randomUUID() } });
    return ['POST', '/unseal', { context: 'c', sealed: body.sealed as string }];
  }),
];

/** A workspace with a vault under the key of a customer. */
export async function anActWorld(keyhold: Keyhold, order: VaultOrder = {}): Promise<ActWorld> {
  const workspace = await keyhold.aWorkspace();
  return { keyhold, workspace, ...(await anAwsKmsVault(keyhold, workspace, order)) };
}
