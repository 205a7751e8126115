import { expect } from '@jest/globals';
import { answersIn, exchange } from '../harness/raw-http.js';
import type { SignedIdentity, SigningOrder } from '../harness/signed-identity.js';
import { type AttackWorld, audienceOf, type Door } from './attack-world.js';
import { type AttackCase, noToken, refusedAfter, refusedBefore, signedIn } from './outcomes.js';

const OURS: readonly Door[] = ['keyhold'];
/** What an honest client signs at our own door, with a session token. */
const ALL = 'host;x-amz-date;x-amz-security-token;x-keyhold-audience';

async function eachRefusedBefore(world: AttackWorld, door: Door, orders: readonly SigningOrder[]): Promise<void> {
  for (const order of orders) refusedBefore(door, await world.attempt(door, await world.sign(door, order)));
}

const withAuthorization = async (world: AttackWorld, door: Door, change: (text: string) => string): Promise<SignedIdentity> => {
  const signed = await world.sign(door);
  return { ...signed, authorization: change(signed.authorization) };
};

/** Bytes that no client library sends; what comes back before anybody looks at the body. */
async function raw(world: AttackWorld, door: Door, lines: readonly string[], body = '') {
  const path = door === 'keyhold' ? '/v1/auth/aws' : `/cerberus/${world.workspaceOf(door).id}/v2/auth/sts-identity`;
  const request = [`POST ${path} HTTP/1.1`, 'Host: keyhold', 'Connection: close', ...lines, '', body].join('\r\n');
  const { result, calls } = await world.keyhold.sandbox.control.callsDuring(() => exchange(world.keyhold.url, request));
  expect(calls).toEqual([]);
  expect(result).not.toContain('khs_');
  return answersIn(result)[0]?.status;
}

const headerLines = ({ authorization, amzDate, securityToken = '' }: SignedIdentity): string[] => [
  `Authorization: ${authorization}`,
  `X-Amz-Date: ${amzDate}`,
  `X-Amz-Security-Token: ${securityToken}`,
];

export const HEADER_CASES: readonly AttackCase[] = [
  {
    number: 23,
    what: 'no audience',
    doors: OURS,
    run: (world, door) => eachRefusedBefore(world, door, [{ headers: { 'x-keyhold-audience': undefined } }]),
  },
  {
    number: 24,
    what: 'an audience that was not signed',
    doors: OURS,
    async run(world, door) {
      const signed = await world.sign(door, { headers: { 'x-keyhold-audience': undefined } });
      const audience = audienceOf(world.workspaceOf(door).id);
      refusedBefore(door, await world.attempt(door, signed, { headers: audience }));
      refusedBefore(door, await world.attempt(door, signed, { fields: audience }));
      const listed = { ...signed, authorization: signed.authorization.replace(', Signature', ';x-keyhold-audience, Signature') };
      const attempt = await world.attempt(door, listed);
      noToken(attempt);
      expect(attempt.answer.status).toBe(401);
    },
  },
  {
    number: 25,
    what: 'an audience of another deployment',
    async run(world, door) {
      const headers = audienceOf(world.workspaceOf(door).id, 'staging.keyhold.test');
      refusedAfter(door, await world.attempt(door, await world.sign(door, { headers }), { headers }));
    },
  },
  {
    number: 26,
    what: 'an audience of another workspace here',
    async run(world, door) {
      const headers = audienceOf(world.stranger.id);
      refusedAfter(door, await world.attempt(door, await world.sign(door, { headers }), { headers }));
    },
  },
  {
    number: 27,
    what: 'the audience twice, in two letter cases',
    run: (world, door) =>
      eachRefusedBefore(world, door, [
        { signedHeaders: `X-Keyhold-Audience;${ALL}` },
        { signedHeaders: `${ALL};X-Keyhold-Audience` },
        { signedHeaders: `${ALL};x-keyhold-audience` },
      ]),
  },
  {
    number: 28,
    what: 'two Authorization headers, or one of two',
    async run(world, door) {
      const [one, other] = [await world.sign(door), await world.sign(door)];
      const joined = `${one.authorization}, ${other.authorization}`;
      refusedBefore(door, await world.attempt(door, { ...one, authorization: joined }));
      const both = [one.authorization, other.authorization];
      if (door === 'keyhold') refusedBefore(door, await world.attempt(door, one, { fields: { authorization: both } }));
      else refusedBefore(door, await world.attempt(door, one, { headers: { authorization: both } }));
    },
  },
  {
    number: 29,
    what: 'SignedHeaders twice in one header',
    async run(world, door) {
      const changes = [
        (text: string) => text.replace('SignedHeaders=', 'SignedHeaders=host;x-amz-date, SignedHeaders='),
        (text: string) => `${text}, SignedHeaders=${ALL}`,
      ];
      for (const change of changes) refusedBefore(door, await world.attempt(door, await withAuthorization(world, door, change)));
    },
  },
  {
    number: 30,
    what: 'SignedHeaders out of order, in capitals, with an empty name, or with the beginning of a name',
    run: (world, door) =>
      eachRefusedBefore(world, door, [
        { signedHeaders: 'x-amz-date;host;x-amz-security-token;x-keyhold-audience' },
        { signedHeaders: ALL.toUpperCase() },
        { signedHeaders: `${ALL};` },
        { signedHeaders: ALL.replace(';', ';;') },
        { signedHeaders: 'host;x-amz-date;x-amz-security-token;x-keyhold-aud' },
        { signedHeaders: 'host;x-amz-date;x-amz-security-token;x-keyhold' },
      ]),
  },
  {
    number: 31,
    what: 'a name with a space behind it, or a value with NUL or a new line',
    async run(world, door) {
      await eachRefusedBefore(world, door, [{ signedHeaders: `${ALL} ` }, { signedHeaders: ALL.replace('x-amz-date', 'x-amz-date ') }]);
      const signed = await world.sign(door);
      if (door === 'keyhold') {
        for (const end of ['\0', '\r\nX-Evil: 1', '\n'])
          for (const name of ['authorization', 'amzDate', 'securityToken', 'region'] as const)
            refusedBefore(door, await world.attempt(door, { ...signed, [name]: `${signed[name] ?? ''}${end}` }));
        refusedBefore(door, await world.attempt(door, signed, { fields: { 'authorization ': signed.authorization } }));
        return;
      }
      const [authorization = '', ...rest] = headerLines(signed);
      for (const bad of [authorization.replace(':', ' :'), `${authorization}\0`, authorization.replace('Sig', '\rSig')])
        expect(await raw(world, door, [bad, ...rest, 'Content-Length: 0'])).toBe(400);
    },
  },
  {
    number: 32,
    what: 'JSON with a name twice, or with a name that means the prototype',
    doors: OURS,
    async run(world, door) {
      const signed = await world.sign(door);
      const good = JSON.stringify({ workspaceId: world.workspaceOf(door).id, ...signed });
      const bodies = [
        good.replace('{', '{"region":"eu-west-1",'),
        good.replace('{', `{"authorization":"AWS4-HMAC-SHA256 x",`),
        good.replace('{', '{"__proto__":{"region":"eu-west-1"},'),
        good.replace('{', '{"constructor":{"prototype":{}},'),
        good.replace('{', '{"\\u005f_proto__":{},'),
      ];
      for (const body of bodies) {
        const { answer, calls } = await world.attempt(door, signed, { body });
        expect({ calls, status: answer.status, code: answer.body.code }).toEqual({ calls: [], status: 400, code: 'malformed_json' });
      }
    },
  },
  {
    number: 33,
    what: 'a list where a text belongs',
    async run(world, door) {
      const signed = await world.sign(door);
      if (door === 'keyhold') {
        for (const name of ['authorization', 'amzDate', 'securityToken', 'region'] as const)
          for (const value of [[signed[name]], { value: signed[name] }, 7, true])
            refusedBefore(door, await world.attempt(door, signed, { fields: { [name]: value } }));
        return;
      }
      const twice = { 'x-amz-date': signed.amzDate, 'x-amz-security-token': signed.securityToken ?? '' };
      for (const [name, value] of Object.entries(twice))
        refusedBefore(door, await world.attempt(door, signed, { headers: { [name]: [value, value] } }));
    },
  },
  {
    number: 34,
    what: 'a body of two lengths',
    async run(world, door) {
      const body = JSON.stringify({ workspaceId: world.workspaceOf(door).id, ...(await world.sign(door)) });
      const chunked = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
      const type = 'Content-Type: application/json';
      const lengths = [`Content-Length: ${chunked.length}`, 'Transfer-Encoding: chunked'];
      const headers = headerLines(await world.sign(door));
      expect(await raw(world, door, [...headers, type, ...lengths], chunked)).toBe(400);
      expect(await raw(world, door, [...headers, type, ...lengths.toReversed()], chunked)).toBe(400);
      expect(await raw(world, door, [...headers, type, 'Content-Length: 0', `Content-Length: ${body.length}`], body)).toBe(400);
    },
  },
  {
    number: 35,
    what: 'an Accept of its own',
    async run(world, door) {
      const accept = { accept: 'text/xml' };
      signedIn(door, await world.attempt(door, await world.sign(door), { headers: accept }));
      refusedBefore(door, await world.attempt(door, await world.sign(door, { headers: { accept: 'application/json' } })));
      if (door === 'keyhold') refusedBefore(door, await world.attempt(door, await world.sign(door), { fields: accept }));
    },
  },
  {
    number: 36,
    what: 'another header of AWS’s',
    async run(world, door) {
      const headers = { 'x-amz-target': 'AWSSecurityTokenServiceV20110615.AssumeRole' };
      refusedBefore(door, await world.attempt(door, await world.sign(door, { headers })));
      if (door === 'keyhold') refusedBefore(door, await world.attempt(door, await world.sign(door), { fields: headers }));
      else refusedBefore(door, await world.attempt(door, await world.sign(door), { headers }));
    },
  },
  {
    number: 37,
    what: 'a credential scope of another service, end or day',
    run: (world, door) =>
      eachRefusedBefore(world, door, [
        { scope: { service: 'iam' } },
        { scope: { service: 'STS' } },
        { scope: { service: '' } },
        { scope: { terminator: 'aws4_requests' } },
        { scope: { terminator: '' } },
        { scope: { date: '20200101' } },
        { scope: { date: '2026' } },
      ]),
  },
  {
    number: 38,
    what: 'parts of a presigned address besides',
    async run(world, door) {
      const signed = await world.sign(door);
      const parts = { 'X-Amz-Algorithm': 'AWS4-HMAC-SHA256', 'X-Amz-Signature': '0'.repeat(64), 'X-Amz-Expires': '900' };
      for (const [name, value] of Object.entries(parts)) {
        if (door === 'keyhold') refusedBefore(door, await world.attempt(door, signed, { fields: { [name]: value } }));
        else refusedBefore(door, await world.attempt(door, signed, { query: `?${name}=${value}` }));
      }
    },
  },
  {
    number: 39,
    what: 'temporary credentials, whose token has to be signed',
    doors: OURS,
    async run(world, door) {
      signedIn(door, await world.attempt(door, await world.sign(door)));
      await eachRefusedBefore(world, door, [{ headers: { 'x-amz-security-token': undefined } }]);
    },
  },
];
