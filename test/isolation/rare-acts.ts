import { randomUUID } from 'node:crypto';
import type { ActWorld } from '../harness/acts.js';
import { aBox, aGrant } from '../harness/box.js';
import { type Answer, aClient } from '../harness/client.js';
import { anItem } from '../harness/item.js';
import { aMember, joinGroup, theOwner } from '../harness/principals.js';
import { VALUES, aSetupLink } from '../harness/setup-link.js';
import { aDefaultVault, anAwsKmsVault } from '../harness/vault.js';
import { aBrowser, aMappedGroup, aProviderAt, cameBack, invited, registered, startOf } from '../oidc/oidc-world.js';

const MAIN = 'us-east-2';
/** Of one account, from one address. */
const TRIES_MAX = 5;

/** Something whose statements would find nothing when it was done to what acts are usually done to. */
export interface RareAct {
  name: string;
  /** What must be answered. */
  status: number;
  /** Makes what it takes, and answers the act. */
  prepare(world: ActWorld): Promise<() => Promise<Pick<Answer, 'status' | 'text'>>>;
}

const called = (
  name: string,
  status: number,
  ask: (world: ActWorld) => Promise<[method: string, path: string, body?: object]>,
): RareAct => ({
  name,
  status,
  async prepare(world) {
    const order = await ask(world);
    return () => world.workspace.call(...order);
  },
});

async function aGroupId({ workspace }: ActWorld): Promise<string> {
  return (await workspace.call('POST', '/groups', { name: `Group ${randomUUID()}` })).body.id as string;
}

export const RARE_ACTS: readonly RareAct[] = [
  called('another vault becomes the default', 200, async ({ workspace }) => {
    const vaultId = await aDefaultVault(workspace, { name: `Vault ${randomUUID()}` });
    return ['POST', `/vaults/${vaultId}/default`];
  }),
  {
    name: 'a vault is checked whose key was disabled',
    status: 200,
    async prepare({ keyhold, workspace }) {
      const { vaultId, customer } = await anAwsKmsVault(keyhold, workspace, { name: `Vault ${randomUUID()}` });
      return async () => {
        await customer.disableKey(MAIN);
        return workspace.call('POST', `/vaults/${vaultId}/verify`);
      };
    },
  },
  called('a vault is checked that has moved to another key in part', 200, async ({ keyhold, workspace }) => {
    const { vaultId } = await anAwsKmsVault(keyhold, workspace, { name: `Vault ${randomUUID()}` });
    await anItem(workspace, { secret: randomUUID() }, { vaultId });
    const { body } = await workspace.call('POST', `/vaults/${vaultId}/rekey`, { strategy: 'default' });
    await workspace.call('POST', `/jobs/${body.job.id as string}/cancel`);
    return ['POST', `/vaults/${vaultId}/verify`];
  }),
  {
    name: 'nobody answers for a key',
    status: 503,
    async prepare({ keyhold, workspace }) {
      const { vaultId, customer } = await anAwsKmsVault(keyhold, workspace, { name: `Vault ${randomUUID()}`, dataKeyCacheSeconds: 0 });
      const itemId = await anItem(workspace, { secret: randomUUID() }, { vaultId });
      return async () => {
        const lift = await keyhold.sandbox.control.fault({ keyId: customer.keyId, service: 'kms', fault: { kind: 'reset' } });
        const answer = await workspace.call('POST', `/items/${itemId}/unseal`);
        await lift();
        return answer;
      };
    },
  },
  called('a vault with an item is not deleted', 409, async ({ workspace }) => {
    const vaultId = await aDefaultVault(workspace, { name: `Vault ${randomUUID()}` });
    await anItem(workspace, { secret: randomUUID() }, { vaultId });
    return ['DELETE', `/vaults/${vaultId}`];
  }),
  called('a vault is deleted in which there was an item', 200, async ({ workspace }) => {
    const vaultId = await aDefaultVault(workspace, { name: `Vault ${randomUUID()}` });
    await workspace.call('DELETE', `/items/${await anItem(workspace, { secret: randomUUID() }, { vaultId })}`);
    return ['DELETE', `/vaults/${vaultId}`];
  }),
  called('data is sealed under the data key of an item', 200, async ({ workspace }) => {
    const vaultId = await aDefaultVault(workspace, { name: `Vault ${randomUUID()}` });
    await anItem(workspace, { secret: randomUUID() }, { vaultId });
    return ['POST', '/seal', { vaultId, context: 'c', payload: { secret: randomUUID() } }];
  }),
  called('a box with an item is deleted', 200, async ({ workspace, vaultId }) => {
    const boxId = await aBox(workspace);
    await anItem(workspace, { secret: randomUUID() }, { vaultId, boxId });
    return ['DELETE', `/boxes/${boxId}`];
  }),
  called('a box is passed on to a group that had a grant', 200, async (world) => {
    const [boxId, groupId] = [await aBox(world.workspace), await aGroupId(world)];
    await aGrant(world.workspace, boxId, { kind: 'group', groupId }, 'read');
    return ['PATCH', `/boxes/${boxId}`, { ownerGroupId: groupId }];
  }),
  {
    name: 'somebody makes a box of a group that they are in',
    status: 201,
    async prepare(world) {
      const { keyhold, workspace } = world;
      const [admin, groupId] = [await aMember(keyhold, workspace, 'admin'), await aGroupId(world)];
      await joinGroup(keyhold, workspace, groupId, admin.memberId);
      return () => admin.call('POST', '/boxes', { name: `Box ${randomUUID()}`, ownerGroupId: groupId });
    },
  },
  called('a group with a grant is not deleted', 409, async (world) => {
    const groupId = await aGroupId(world);
    await aGrant(world.workspace, await aBox(world.workspace), { kind: 'group', groupId }, 'read');
    return ['DELETE', `/groups/${groupId}`];
  }),
  called('a member is removed by whose invitation nobody has come', 204, async ({ keyhold, workspace }) => {
    const { memberId, call } = await aMember(keyhold, workspace, 'admin');
    await call('POST', '/members', { email: `${randomUUID()}@acme.example`, role: 'user' });
    return ['DELETE', `/members/${memberId}`];
  }),
  called('a member with a group and a grant is removed', 204, async (world) => {
    const { keyhold, workspace } = world;
    const { memberId } = await aMember(keyhold, workspace, 'user');
    await joinGroup(keyhold, workspace, await aGroupId(world), memberId);
    await aGrant(workspace, await aBox(workspace), { kind: 'user', memberId }, 'read');
    return ['DELETE', `/members/${memberId}`];
  }),
  {
    name: 'a request is repeated under its idempotency key',
    status: 201,
    async prepare({ workspace }) {
      const [body, headers] = [{ name: `Group ${randomUUID()}` }, { 'idempotency-key': randomUUID() }];
      const send = () => workspace.call('POST', '/groups', body, headers);
      await send();
      return send;
    },
  },
  {
    name: 'somebody tries once too often',
    status: 429,
    prepare({ keyhold, workspace }) {
      const body = { workspaceId: workspace.id, email: `${randomUUID()}@acme.example`, password: 'violet kettle', totpCode: '123456' };
      const attempt = () => aClient(keyhold.url)('POST', '/v1/sign-in/password', body);
      return Promise.resolve(async () => {
        for (let i = 0; i < TRIES_MAX; i += 1) await attempt();
        return attempt();
      });
    },
  },
  {
    name: 'a key is proposed through a link that has brought one',
    status: 201,
    async prepare({ keyhold, workspace }) {
      const { call } = await aSetupLink(keyhold, workspace);
      const send = () => call('POST', '/proposals', VALUES);
      await send();
      return send;
    },
  },
  ...whatProvidersBring(),
];

/** Known to the provider, and in the groups that its claim names. */
interface Known {
  subject: string;
  email: string;
  groups?: string[];
}

const aKnown = (name: string): Known => ({ subject: randomUUID(), email: `${name}-${randomUUID()}@acme.example` });

/** A provider with a mapped group, Ada and Carol who have signed in by it and are in the group, and Bob who was invited. */
async function aLogin({ keyhold, workspace }: ActWorld) {
  const provider = await aProviderAt(keyhold, 1);
  const login = await registered(workspace, provider);
  const group = randomUUID();
  const groupId = await aMappedGroup(workspace, login, group);
  const signIn = (account: Known) => {
    provider.accounts.set(account.subject, { email_verified: true, name: 'Ada', ...account });
    return cameBack(aBrowser(keyhold), startOf(keyhold, workspace, login), account.subject);
  };
  const [ada, bob, carol] = [aKnown('ada'), aKnown('bob'), aKnown('carol')];
  for (const { email } of [ada, bob]) await invited(workspace, email);
  const carolId = await invited(workspace, carol.email);
  for (const account of [ada, carol]) await signIn({ ...account, groups: [group] });
  await aGrant(workspace, await aBox(workspace), { kind: 'user', memberId: carolId }, 'read');
  return { login, groupId, signIn, ada, bob, carolId };
}

function whatProvidersBring(): RareAct[] {
  const logins = new WeakMap<ActWorld, ReturnType<typeof aLogin>>();
  const loginOf = (world: ActWorld) => {
    const login = logins.get(world) ?? aLogin(world);
    logins.set(world, login);
    return login;
  };
  const signsIn = (name: string, status: number, who: (login: Awaited<ReturnType<typeof aLogin>>) => Known): RareAct => ({
    name,
    status,
    async prepare(world) {
      const login = await loginOf(world);
      return () => login.signIn(who(login));
    },
  });
  return [
    signsIn('somebody signs in who was put out of a group', 200, ({ ada }) => ada),
    signsIn('somebody signs in for the first time', 200, ({ bob }) => bob),
    signsIn('somebody signs in with the address of somebody else', 401, ({ ada }) => ({ ...ada, subject: randomUUID() })),
    {
      name: 'somebody is reset who signs in with a provider',
      status: 201,
      async prepare(world) {
        const { carolId } = await loginOf(world);
        const owner = await theOwner(world.keyhold, world.workspace);
        return () => owner.call('POST', `/members/${carolId}/reset`);
      },
    },
    {
      name: 'a provider is deleted by which somebody has signed in',
      status: 204,
      async prepare(world) {
        const { login, groupId } = await loginOf(world);
        return async () => {
          await world.workspace.call('DELETE', `/groups/${groupId}`);
          return world.workspace.call('DELETE', `/identity-providers/${login.id}`);
        };
      },
    },
  ];
}
