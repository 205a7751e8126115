import { expect } from '@jest/globals';
import type { SandboxAnswer } from '../harness/sandbox.js';
import type { AttackWorld, Door } from './attack-world.js';
import { type AttackCase, noToken, onlyAsked, signedIn, undecidedAfter } from './outcomes.js';

/** What GetCallerIdentity would say of somebody who is let in. */
const welcome = ({ account: { accountId } }: AttackWorld) => ({
  Account: accountId,
  Arn: `arn:aws:sts::${accountId}:assumed-role/App/s-1`,
  UserId: 'AROAEXAMPLEEXAMPLE123:s-1',
});
const METADATA = { RequestId: '01234567-89ab-cdef-0123-456789abcdef' };
export const welcomeBody = (world: AttackWorld): string => json(welcome(world));

const json = (result: object, root = 'GetCallerIdentityResponse') =>
  JSON.stringify({ [root]: { GetCallerIdentityResult: result, ResponseMetadata: METADATA } });

const xmlResult = (world: AttackWorld): string => {
  const { Account, Arn, UserId } = welcome(world);
  return `<GetCallerIdentityResult><Arn>${Arn}</Arn><UserId>${UserId}</UserId><Account>${Account}</Account></GetCallerIdentityResult>`;
};
const xml = (world: AttackWorld, { root = 'GetCallerIdentityResponse', inside = xmlResult(world), before = '' } = {}): string =>
  `${before}<${root} xmlns="https://sts.amazonaws.com/doc/2011-06-15/">${inside}</${root}>`;

const answered = async (world: AttackWorld, door: Door, answer: Partial<SandboxAnswer>) =>
  world.answering({ status: 200, ...answer }, async () => world.attempt(door, await world.sign(door)));

/** However the answer calls itself. */
async function eachUndecided(world: AttackWorld, door: Door, bodies: readonly string[]): Promise<void> {
  for (const body of bodies)
    for (const contentType of ['text/xml', 'application/json']) undecidedAfter(door, await answered(world, door, { body, contentType }));
}

export const ANSWER_CASES: readonly AttackCase[] = [
  {
    number: 40,
    what: 'junk before the answer',
    run: (world, door) => eachUndecided(world, door, [`junk${xml(world)}`, `junk${json(welcome(world))}`, `\ufeff${json(welcome(world))}`]),
  },
  {
    number: 41,
    what: 'two results',
    run: (world, door) =>
      eachUndecided(world, door, [
        xml(world, { inside: xmlResult(world).repeat(2) }),
        json([welcome(world), welcome(world)]),
        json(welcome(world)).repeat(2),
      ]),
  },
  {
    number: 42,
    what: 'no result',
    run: (world, door) =>
      eachUndecided(world, door, [
        xml(world, { inside: '' }),
        JSON.stringify({ GetCallerIdentityResponse: {} }),
        json([]),
        '{}',
        'null',
        '[]',
        '',
      ]),
  },
  {
    number: 43,
    what: 'a document type or an entity',
    run: (world, door) =>
      eachUndecided(world, door, [
        xml(world, { before: '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' }),
        xml(world, { before: '<!DOCTYPE r [<!ENTITY a "b">]>', inside: xmlResult(world).replace('App', '&a;') }),
      ]),
  },
  {
    number: 44,
    what: 'the answer of another action with the right one inside',
    run: (world, door) =>
      eachUndecided(world, door, [
        xml(world, { root: 'AssumeRoleWithSAMLResponse', inside: `<Subject>${xml(world)}</Subject>` }),
        json(welcome(world), 'AssumeRoleResponse'),
        JSON.stringify({ AssumeRoleResponse: JSON.parse(json(welcome(world))) as unknown }),
      ]),
  },
  {
    number: 45,
    what: 'the right names under a wrong root, or twice',
    async run(world, door) {
      const good = json(welcome(world));
      const arn = `"Arn":"arn:aws:iam::${world.account.accountId}:root",`;
      const bodies = [
        JSON.stringify({ Error: JSON.parse(good) as unknown }),
        good.replace('"Arn":', `${arn}"Arn":`),
        good.replace('"Arn":', `${arn.replace('Arn', '\\u0041rn')}"Arn":`),
        good.replace('{', '{"GetCallerIdentityResponse":{},'),
      ];
      for (const body of bodies) undecidedAfter(door, await answered(world, door, { body }));
    },
  },
  {
    number: 46,
    what: 'an account that is not the one of the ARN',
    async run(world, door) {
      undecidedAfter(door, await answered(world, door, { body: json({ ...welcome(world), Account: '999988887777' }) }));
    },
  },
  {
    number: 47,
    what: 'an account or ARN that AWS would not write',
    async run(world, door) {
      const { accountId } = world.account;
      const arn = (resource: string) => ({ Arn: `arn:aws:sts::${accountId}:${resource}` });
      const digits = (account: string) => ({ Account: account, Arn: `arn:aws:sts::${account}:assumed-role/App/s-1` });
      const changes = [
        digits(accountId.slice(1)),
        digits(`${accountId}0`),
        { Arn: `arn:aws:sts::${accountId}` },
        arn('assumed-role/App/s-1:x'),
        arn('assumed-role/App'),
        arn('assumed-role/App/'),
        arn('assumed-role/team/App/s-1'),
        arn('assumed-role/A*/s-1'),
        arn('assumed-role/*/s-1'),
        { UserId: 'AIDAEXAMPLEEXAMPLE123' },
        { UserId: 'AROAEXAMPLEEXAMPLE123:other' },
      ];
      for (const change of changes) {
        const attempt = await answered(world, door, { body: json({ ...welcome(world), ...change }) });
        noToken(attempt);
        onlyAsked(attempt, 1);
        expect(attempt.answer.status).toBeGreaterThanOrEqual(400);
        expect(attempt.events).toMatchObject([{ type: 'sign_in.refused' }]);
      }
    },
  },
  {
    number: 48,
    what: 'another content type than the one that was asked for',
    async run(world, door) {
      const body = json(welcome(world));
      for (const contentType of ['text/xml; charset=utf-8', 'text/html', 'text/plain', 'application/json-seq', ''])
        undecidedAfter(door, await answered(world, door, { body, contentType }));
      for (const contentType of ['application/json', 'application/json; charset=utf-8'])
        signedIn(door, await answered(world, door, { body, contentType }));
    },
  },
  {
    number: 49,
    what: 'a refusal that says it is none',
    run: (world, door) =>
      eachUndecided(world, door, [
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Code>InvalidClientTokenId</Code></Error></ErrorResponse>',
        JSON.stringify({ Error: { Code: 'InvalidClientTokenId', Message: '', Type: 'Sender' }, RequestId: 'r' }),
      ]),
  },
];
