import type { SigningOrder } from '../harness/signed-identity.js';
import type { AttackWorld, Door } from './attack-world.js';
import { type AttackCase, refusedAfter, refusedBefore, signedIn } from './outcomes.js';

const GET_IDENTITY = 'Action=GetCallerIdentity&Version=2011-06-15';

interface OtherRequest {
  /** What the client signs instead of our request. */
  signed: readonly SigningOrder[];
  /** What it sends along instead: fields at our own door, where nobody knows them. */
  fields: readonly Record<string, unknown>[];
  /** What it sends along at Cerberus’s door, where nobody reads it. */
  sent?: readonly { headers?: Record<string, string>; body?: string }[];
}

/** Signed over, it is not our request; sent along, it is refused or not read. It never reaches AWS. */
async function asOtherRequest(world: AttackWorld, door: Door, { signed, fields, sent = [] }: OtherRequest): Promise<void> {
  for (const order of signed) refusedAfter(door, await world.attempt(door, await world.sign(door, order)));
  if (door === 'keyhold')
    for (const more of fields) refusedBefore(door, await world.attempt(door, await world.sign(door), { fields: more }));
  else for (const more of sent) signedIn(door, await world.attempt(door, await world.sign(door), more));
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

const ofBody = (number: number, what: string, bodies: readonly string[]): AttackCase => ({
  number,
  what,
  run: (world, door) =>
    asOtherRequest(world, door, {
      signed: bodies.map((body) => ({ body })),
      fields: bodies.flatMap((body) => [{ body }, { iam_request_body: Buffer.from(body).toString('base64') }, { action: body }]),
      sent: bodies.map((body) => ({ body, headers: FORM })),
    }),
});

export const REQUEST_CASES: readonly AttackCase[] = [
  ofBody(13, 'another action', [
    'Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::111122223333:role/App&RoleSessionName=evil',
    'Action=GetSessionToken&Version=2011-06-15',
  ]),
  ofBody(14, 'two actions', [
    'Action=GetCallerIdentity&Action=AssumeRoleWithWebIdentity&Version=2011-06-15',
    'Action=AssumeRoleWithWebIdentity&Action=GetCallerIdentity&Version=2011-06-15',
  ]),
  ofBody(15, 'actions in two letter cases', [`action=AssumeRole&${GET_IDENTITY}`, `${GET_IDENTITY}&ACTION=AssumeRole`]),
  ofBody(16, 'no action', ['Version=2011-06-15', '']),
  ofBody(17, 'a parameter more', [`${GET_IDENTITY}&Extra=1`, `${GET_IDENTITY}&`]),
  ofBody(18, 'an action behind percent signs', ['%41ction=GetCallerIdentity&Version=2011-06-15', `%41ction=AssumeRole&${GET_IDENTITY}`]),
  {
    number: 19,
    what: 'a query string on the address',
    run: (world, door) =>
      asOtherRequest(world, door, {
        signed: [{ query: 'Action=AssumeRole' }, { query: 'a=b', body: '' }],
        fields: [{ query: 'Action=AssumeRole' }, { url: 'https://sts.us-east-2.amazonaws.com/?Action=AssumeRole' }],
      }),
  },
  {
    number: 20,
    what: 'another path',
    run: (world, door) =>
      asOtherRequest(world, door, {
        signed: ['/foo', '//', '/%2e%2e', '/..'].map((path) => ({ path })),
        fields: [{ path: '/foo' }, { url: 'https://sts.us-east-2.amazonaws.com/foo' }],
      }),
  },
  {
    number: 21,
    what: 'another method',
    async run(world, door) {
      const override = { 'x-http-method-override': 'GET' };
      await asOtherRequest(world, door, {
        signed: ['GET', 'PUT', 'post'].map((method) => ({ method })),
        fields: [{ method: 'GET' }, { iam_http_request_method: 'PUT' }, { 'X-HTTP-Method-Override': 'GET' }],
        sent: [{ headers: override }],
      });
      refusedBefore(door, await world.attempt(door, await world.sign(door, { headers: override })));
    },
  },
  {
    number: 22,
    what: 'another type of body',
    run: (world, door) =>
      asOtherRequest(world, door, {
        signed: [
          { body: '{"Action":"GetCallerIdentity","Version":"2011-06-15"}', headers: { 'content-type': 'application/json' } },
          { headers: { 'content-type': 'text/plain' } },
        ],
        fields: [{ contentType: 'application/json' }, { 'content-type': 'text/plain' }],
        sent: [{ headers: { 'content-type': 'application/json' }, body: '{"Action":"AssumeRole"}' }],
      }),
  },
];
