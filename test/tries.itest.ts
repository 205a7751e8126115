import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { aCallersAccount, grantToArn } from './harness/aws-callers.js';
import { type Answer, type Client, aClient } from './harness/client.js';
import { countOf, flood, statusesIn, times } from './harness/flood.js';
import { type Keyhold, type Node, type Workspace, startKeyhold } from './harness/service.js';
import { AUDIENCE_HEADER, type Signer, signIdentity } from './harness/signed-identity.js';
import { type Person, aPerson, trySignIn } from './harness/sign-in.js';

jest.setTimeout(60_000); // processes are started here

const TRIES = 20;
let keyhold: Keyhold;

beforeAll(async () => {
  keyhold = await startKeyhold();
});
afterAll(() => keyhold.stop());

const at = (node: Node, { id, token }: Workspace): Client => aClient(`${node.url}/v1/workspaces/${id}`, token);

describe('wrong tokens', () => {
  let direct: Node;
  let behindProxy: [Node, Node];
  let addresses = 0;
  const anAddress = (): string => `203.0.113.${(addresses += 1)}`;
  const wrongToken = ({ id }: Workspace): string => `khw_${id.replaceAll('-', '')}_${randomBytes(32).toString('base64url')}`;
  /** A request as the proxy passes it on, from this address. */
  const guess = (node: Node, claimed: Workspace, forwardedFor: string): Promise<Answer> =>
    aClient(`${node.url}/v1/workspaces/${claimed.id}`, wrongToken(claimed))('GET', '/vaults', undefined, {
      'x-forwarded-for': forwardedFor,
    });

  beforeAll(async () => {
    const env = { KEYHOLD_TRIES_PER_ADDRESS: String(TRIES) };
    const proxied = { ...env, KEYHOLD_TRUSTED_PROXY_HOPS: '1' };
    // A clock that is a day ahead: what it says must not matter.
    const tomorrow = { ...proxied, NODE_OPTIONS: `--import=data:text/javascript,const{now}=Date;Date.now=()=>now()+864e5` };
    const started = await Promise.all([env, proxied, tomorrow].map((more) => keyhold.anotherNode(more)));
    const [first, second, third] = started;
    if (!first || !second || !third) throw new Error('no nodes');
    direct = first;
    behindProxy = [second, third];
  });

  const guesses = (claimed: Workspace, addressOf: (index: number) => string, total = 60): Promise<Answer[]> =>
    flood(times(total, (n) => () => guess(behindProxy[n % 2 === 0 ? 0 : 1], claimed, addressOf(n))));

  test('of one address are limited over all nodes, whatever their clocks say; then it is too many, for whatever is sent', async () => {
    const acme = await keyhold.aWorkspace('Acme');
    const address = anAddress();
    const answers = await guesses(acme, () => address);
    expect(statusesIn(answers)).toEqual([401, 429]);
    expect(countOf(answers, 401)).toBe(TRIES);
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({ code: 'too_many_tries' });
    expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(Number(refused?.headers.get('retry-after'))).toBeLessThanOrEqual(300);
    expect((await guess(behindProxy[0], acme, anAddress())).status).toBe(401);
  });

  test('are told alike for a workspace that is there and for one that is not', async () => {
    const acme = await keyhold.aWorkspace('Acme');
    const absent = { ...acme, id: '0197a000-0000-7000-8000-0000000000ff' };
    const told = async (claimed: Workspace) => {
      const address = anAddress();
      const answers = await guesses(claimed, () => address);
      const bodies = answers.map(({ status, body }) => JSON.stringify({ status, ...body, requestId: '', retryAfterSeconds: 0 }));
      return { refused: countOf(answers, 429), bodies: [...new Set(bodies)].sort() };
    };
    expect(await told(acme)).toEqual(await told(absent));
  });

  test('from one IPv6 network of 64 bits count as one address', async () => {
    const acme = await keyhold.aWorkspace('Acme');
    const answers = await guesses(acme, (n) => `2001:db8:${(addresses += 1) && 'a'}:b::${n.toString(16)}`);
    expect(countOf(answers, 401)).toBe(TRIES);
  });

  test('count for the address that the trusted proxy saw, whatever else stands in X-Forwarded-For', async () => {
    const acme = await keyhold.aWorkspace('Acme');
    const address = anAddress();
    const answers = await guesses(acme, (n) => `198.51.100.${n}, ${address}`);
    expect(countOf(answers, 401)).toBe(TRIES);
  });

  test('count for the address of the connection where no proxy is trusted', async () => {
    const acme = await keyhold.aWorkspace('Acme');
    const answers = await flood(times(60, () => () => guess(direct, acme, anAddress())));
    expect(countOf(answers, 401)).toBe(TRIES);
  });

  test('close nothing to those who share the address and are known, and leave at most so many records', async () => {
    const acme = await keyhold.aWorkspace('Acme');
    const address = anAddress();
    const known = () => at(behindProxy[0], acme)('GET', '/vaults', undefined, { 'x-forwarded-for': address });
    expect((await known()).status).toBe(200);
    await guesses(acme, () => address);
    expect((await known()).status).toBe(200);
    const refusals = await keyhold.database.asAdmin(
      `SELECT FROM audit_events WHERE type = 'access.refused' AND workspace_id = '${acme.id}' AND source_address = '${address}'`,
    );
    expect(refusals).toHaveLength(TRIES);
  });

  test('that are always the same one are a forgotten client, and no guessing', async () => {
    const acme = await keyhold.aWorkspace('Acme');
    const address = anAddress();
    const revoked = aClient(`${behindProxy[0].url}/v1/workspaces/${acme.id}`, wrongToken(acme));
    const answers = await flood(times(100, () => () => revoked('GET', '/vaults', undefined, { 'x-forwarded-for': address })));
    expect(statusesIn(answers)).toEqual([401]);
  });

  test('are all refused while they cannot be counted; those who are known stay in', async () => {
    const acme = await keyhold.aWorkspace('Acme');
    await keyhold.database.asAdmin(`ALTER TABLE try_counters RENAME TO try_counters_gone`);
    try {
      const refused = await guess(behindProxy[0], acme, anAddress());
      expect(refused.body).toMatchObject({ status: 503, code: 'tries_not_counted' });
      expect(refused.headers.get('retry-after')).toBe('2');
      expect((await at(behindProxy[0], acme)('GET', '/vaults')).status).toBe(200);
    } finally {
      await keyhold.database.asAdmin(`ALTER TABLE try_counters_gone RENAME TO try_counters`);
    }
  });
});

describe('AWS identities that sign in', () => {
  const stranger = () => ({
    accessKeyId: `AKIA${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64'),
  });
  let nodes: [Node, Node];
  let addresses = 0;
  const anAddress = (): string => `192.0.2.${(addresses += 1)}`;

  beforeAll(async () => {
    const env = { KEYHOLD_TRIES_PER_ADDRESS: String(TRIES), KEYHOLD_TRUSTED_PROXY_HOPS: '1' };
    nodes = await Promise.all([keyhold.anotherNode(env), keyhold.anotherNode(env)]);
  });

  const signIn = async (signer: Signer, { id, call }: Workspace, address: string, index = 0): Promise<Answer> => {
    const { signInAudience } = (await call('GET', '/aws-setup')).body as { signInAudience: string };
    const signed = signIdentity(signer, { headers: { [AUDIENCE_HEADER]: signInAudience } });
    const order = { workspaceId: id, ...signed };
    return aClient(nodes[index % 2 === 0 ? 0 : 1].url)('POST', '/v1/auth/aws', order, { 'x-forwarded-for': address });
  };

  test('and fail are limited before AWS is asked, over all nodes, and close the way in to no other address', async () => {
    const acme = await keyhold.aWorkspace('Acme');
    const address = anAddress();
    const { result: answers, calls } = await keyhold.sandbox.control.callsDuring(() =>
      flood(times(80, (n) => () => signIn(stranger(), acme, address, n))),
    );
    expect(statusesIn(answers)).toEqual([401, 429]);
    expect(countOf(answers, 401)).toBeLessThanOrEqual(TRIES);
    expect(calls.filter(({ service }) => service === 'sts').length).toBeLessThanOrEqual(TRIES);
    expect((await signIn(stranger(), acme, anAddress())).status).toBe(401);
  });

  test('and get in are not limited by it', async () => {
    const acme = await keyhold.aWorkspace('Acme');
    const account = await aCallersAccount(keyhold.sandbox);
    await grantToArn(keyhold, acme, account.role('App'));
    const address = anAddress();
    const answers = [];
    for (const session of await Promise.all(times(TRIES + 5, () => account.session('App'))))
      answers.push(await signIn(session, acme, address));
    expect(statusesIn(answers)).toEqual([200]);
  });

  test('are all refused while tries cannot be counted, and AWS is not asked', async () => {
    const acme = await keyhold.aWorkspace('Acme');
    await keyhold.database.asAdmin(`ALTER TABLE try_counters RENAME TO try_counters_gone`);
    try {
      const { result, calls } = await keyhold.sandbox.control.callsDuring(() => signIn(stranger(), acme, anAddress()));
      expect(result.body).toMatchObject({ status: 503, code: 'tries_not_counted' });
      expect(calls).toEqual([]);
    } finally {
      await keyhold.database.asAdmin(`ALTER TABLE try_counters_gone RENAME TO try_counters`);
    }
  });
});

describe('passwords', () => {
  const ACCOUNT_TRIES = 10;
  let nodes: [Node, Node];
  let addresses = 0;
  const anAddress = (): string => `198.18.0.${(addresses += 1)}`;

  beforeAll(async () => {
    const env = { KEYHOLD_TRUSTED_PROXY_HOPS: '1' };
    nodes = await Promise.all([keyhold.anotherNode(env), keyhold.anotherNode(env)]);
  });

  const right = (person: Person, address: string): Promise<Answer> =>
    trySignIn(keyhold, person, {}, { node: nodes[0], headers: { 'x-forwarded-for': address } });
  /** From as many addresses, on both nodes in turn. */
  const wrong = (person: Person, total = 16): Promise<Answer[]> =>
    flood(
      times(total, (n) => () => {
        const node = nodes[n % 2 === 0 ? 0 : 1];
        return trySignIn(keyhold, person, { password: 'wrong', totpCode: '000000' }, { node, headers: { 'x-forwarded-for': anAddress() } });
      }),
      4,
    );

  test('are tried 10 times in 5 minutes, wherever from, and alike for somebody who is there and somebody who is not', async () => {
    const ada = await aPerson(keyhold, await keyhold.aWorkspace('Acme'));
    const told = async (person: Person) => {
      const answers = await wrong(person);
      const bodies = answers.map(({ status, body }) => JSON.stringify({ status, ...body, requestId: '', retryAfterSeconds: 0 }));
      return { refused: countOf(answers, 401), tooMany: countOf(answers, 429), bodies: [...new Set(bodies)].sort() };
    };
    const ofAda = await told(ada);
    expect(ofAda).toMatchObject({ refused: ACCOUNT_TRIES, tooMany: 6, bodies: [expect.any(String), expect.any(String)] });
    expect(await told({ ...ada, email: 'nobody@workspace.example' })).toEqual(ofAda);
  });

  test('that strangers try too often keep nobody out at an address where the right one was said before', async () => {
    const ada = await aPerson(keyhold, await keyhold.aWorkspace('Acme'));
    const home = anAddress();
    expect((await right(ada, home)).status).toBe(200);
    await wrong(ada);
    expect(await right(ada, anAddress())).toMatchObject({ status: 429, body: { code: 'too_many_tries' } });
    expect((await right(ada, home)).status).toBe(200);
  });

  test('are all refused while tries cannot be counted, also the right ones', async () => {
    const ada = await aPerson(keyhold, await keyhold.aWorkspace('Acme'));
    await keyhold.database.asAdmin(`ALTER TABLE try_counters RENAME TO try_counters_gone`);
    try {
      expect((await right(ada, anAddress())).body).toMatchObject({ status: 503, code: 'tries_not_counted' });
    } finally {
      await keyhold.database.asAdmin(`ALTER TABLE try_counters_gone RENAME TO try_counters`);
    }
    expect((await right(ada, anAddress())).status).toBe(200);
  });
});
