import { expect } from '@jest/globals';
import { grantToArn } from '../harness/aws-callers.js';
import type { Signer } from '../harness/signed-identity.js';
import type { AttackWorld, Door } from './attack-world.js';
import { type AttackCase, noToken, refusedAfter, signedIn, undecidedAfter } from './outcomes.js';

const as = async (world: AttackWorld, door: Door, signer: Signer) => world.attempt(door, await world.sign(door, { signer }));

const answer = (world: AttackWorld, arn: string, userId = 'AROAEXAMPLEEXAMPLE123:s-1') => ({
  status: 200,
  body: JSON.stringify({
    GetCallerIdentityResponse: {
      GetCallerIdentityResult: { Account: world.account.accountId, Arn: arn, UserId: userId },
      ResponseMetadata: { RequestId: 'r' },
    },
  }),
});

export const IDENTITY_CASES: readonly AttackCase[] = [
  {
    number: 50,
    what: 'a role that was deleted and made again under its name',
    async run(world, door) {
      const { account, keyhold } = world;
      const name = `Pinned-${door}`;
      const first = await account.session(name);
      const { answer: stranger, events } = await as(world, door, first);
      expect(stranger.status).not.toBe(200);
      const uniqueId = String(events[0]?.details['uniqueId']);
      await grantToArn(keyhold, world.workspaceOf(door), account.role(name), { pinned: uniqueId });
      signedIn(door, await world.attempt(door, await world.sign(door, { signer: first, at: new Date(Date.now() - 2_000) })));
      await account.deleteRole(name);
      refusedAfter(door, await as(world, door, await account.session(name)));
    },
  },
  {
    number: 51,
    what: 'a session that is called like another’s user',
    async run(world, door) {
      const { account, keyhold } = world;
      for (const name of ['alice', 'App'])
        await grantToArn(keyhold, world.workspaceOf(door), `arn:aws:iam::${account.accountId}:user/${name}`);
      for (const name of ['alice', 'App']) refusedAfter(door, await as(world, door, await account.session('Other', name)));
    },
  },
  {
    number: 52,
    what: 'a session whose name goes on like a role',
    async run(world, door) {
      const { account, keyhold } = world;
      await grantToArn(keyhold, world.workspaceOf(door), account.role('Another'));
      const arns = ['assumed-role/Admin/role/Another', 'assumed-role/Admin/Another/s-1', 'assumed-role/role/Another/s-1'];
      for (const resource of arns) {
        const told = answer(world, `arn:aws:sts::${account.accountId}:${resource}`);
        refusedAfter(door, await world.answering(told, () => as(world, door, account.root)));
      }
    },
  },
  {
    number: 53,
    what: 'the same account in another partition',
    async run(world, door) {
      for (const partition of ['aws-cn', 'aws-us-gov', 'AWS', '']) {
        const told = answer(world, `arn:${partition}:sts::${world.account.accountId}:assumed-role/App/s-1`);
        undecidedAfter(door, await world.answering(told, () => as(world, door, world.account.root)));
      }
    },
  },
  {
    number: 54,
    what: 'a pattern in a grant',
    async run(world, door) {
      const { account, keyhold } = world;
      const [workspace, name] = [world.workspaceOf(door), `wild-${door}`];
      for (const pattern of [`${name}*`, `${name}.*`, '.*', '*', `${name}?prod`, `${name}.[a-z]+`, `(${name}-prod)`])
        await grantToArn(keyhold, workspace, account.role(pattern));
      await grantToArn(keyhold, workspace, account.role(`${name}.prod`));
      for (const role of [`${name}-prod`, `${name}xprod`, name, `${name}.prods`])
        refusedAfter(door, await as(world, door, await account.session(role)));
      signedIn(door, await as(world, door, await account.session(`${name}.prod`)));
    },
  },
  {
    number: 55,
    what: 'no grants to AWS identities at all',
    async run(world, door) {
      const { id } = world.stranger;
      const signed = await world.sign('keyhold', { workspaceId: id });
      refusedAfter(door, await world.attempt(door, signed, { workspaceId: id }));
    },
  },
  {
    number: 56,
    what: 'an account’s root user, or a federated user, whom nobody let in',
    async run(world, door) {
      refusedAfter(door, await as(world, door, world.account.root));
      refusedAfter(door, await as(world, door, await world.account.federated('App')));
      refusedAfter(door, await as(world, door, await world.account.federated('bob')));
    },
  },
  {
    number: 57,
    what: 'somebody whom another workspace lets in',
    async run(world, door) {
      const { id } = world.stranger;
      const signer = await world.account.session('App');
      const attempt = await world.attempt(door, await world.sign('keyhold', { signer, workspaceId: id }), { workspaceId: id });
      refusedAfter(door, attempt);
      noToken(attempt);
      signedIn(door, await world.attempt(door, await world.sign(door, { signer, at: new Date(Date.now() - 2_000) })));
    },
  },
];
