import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Database, IdempotencyRecords } from '#database';
import { RootKey } from '#envelope';
import { type TestDatabase, aDatabase } from '../../../test/harness/database.js';
import { LimitError } from './limit-error.js';
import { SignInLimiter, type Try } from './sign-in-limiter.js';
import { tryLimits } from './try-limits.js';

const LIMITS = tryLimits({ perAddress: 20, perWorkspace: 40 });
const rootKey = RootKey.fromBytes(randomBytes(32));

let server: TestDatabase;
let databases: Database[];

beforeAll(async () => {
  server = await aDatabase();
  databases = Array.from({ length: 2 }, () => new Database({ url: server.serviceUrl, poolSize: 8 }, new IdempotencyRecords(rootKey)));
});
afterAll(async () => {
  await Promise.all(databases.map((database) => database.close()));
  await server.drop();
});

/** A process of the service, which remembers no refusal yet. */
function aNode(index = 0): SignInLimiter {
  const database = databases[index];
  if (!database) throw new Error('no such database');
  return new SignInLimiter(database, rootKey, LIMITS);
}

let networks = 0;
const anAddress = (): string => `2001:db8:0:${((networks += 1)).toString(16)}::1`;
const anAccount = (): Pick<Try, 'door' | 'workspaceId' | 'account'> => ({
  door: 'sign-in',
  workspaceId: randomUUID(),
  account: `${randomUUID()}@example.com`,
});

type Verdict = 'let try' | LimitError['code'];
const verdictOf = (limiter: SignInLimiter, tried: Try): Promise<Verdict> =>
  limiter.take(tried).then(
    () => 'let try',
    (error: unknown) => {
      if (error instanceof LimitError) return error.code;
      throw error;
    },
  );

/** How many of these tries, all at once and in turn on both nodes, are let try. */
async function letTry(tries: readonly Try[]): Promise<number> {
  const nodes = [aNode(0), aNode(1)] as const;
  const verdicts = await Promise.all(tries.map((tried, index) => verdictOf(nodes[index % 2 === 0 ? 0 : 1], tried)));
  return verdicts.filter((verdict) => verdict === 'let try').length;
}

const times = <Made>(count: number, make: (index: number) => Made): Made[] => Array.from({ length: count }, (_, index) => make(index));

/** What the database remembers becomes this much older. */
const pass = (interval: string) =>
  server.asAdmin(
    `UPDATE try_counters SET tries = ARRAY(SELECT t - interval '${interval}' FROM unnest(tries) WITH ORDINALITY AS u (t, n) ORDER BY n),
       expires_at = expires_at - interval '${interval}'`,
  );

describe('tries to sign in', () => {
  test('of one account are 10 in 5 minutes, when 50 come at once from 50 addresses on 2 nodes', async () => {
    const account = anAccount();
    expect(await letTry(times(50, () => ({ ...account, sourceAddress: anAddress() })))).toBe(10);
  });

  test('of one account are 100 in an hour', async () => {
    const account = anAccount();
    let allowed = 0;
    for (let span = 0; span < 11; span++) {
      allowed += await letTry(times(12, () => ({ ...account, sourceAddress: anAddress() })));
      await pass('5 minutes');
    }
    expect(allowed).toBe(100);
  });

  test('are never more than 10 in any 5 minutes, also across the border between two spans', async () => {
    const account = anAccount();
    const trying = (count: number) => letTry(times(count, () => ({ ...account, sourceAddress: anAddress() })));
    expect(await trying(1)).toBe(1);
    await pass('4 minutes 50 seconds');
    expect(await trying(12)).toBe(9);
    await pass('20 seconds');
    expect(await trying(12)).toBe(1);
  });

  test('of one account from one address are 5 in 5 minutes: one address alone leaves tries for the owner', async () => {
    const account = anAccount();
    const stranger = anAddress();
    expect(await letTry(times(50, () => ({ ...account, sourceAddress: stranger })))).toBe(5);
    expect(await verdictOf(aNode(), { ...account, sourceAddress: anAddress() })).toBe('let try');
  });

  test('from one address are as many as configured, whatever it tries; an IPv6 network of 64 bits is one address', async () => {
    const network = anAddress().replace(/1$/, '');
    expect(await letTry(times(50, (n) => ({ ...anAccount(), sourceAddress: `${network}${n}` })))).toBe(20);
  });

  test('into one workspace are as many as configured, whoever tries', async () => {
    const { workspaceId } = anAccount();
    expect(await letTry(times(60, () => ({ ...anAccount(), workspaceId, sourceAddress: anAddress() })))).toBe(40);
  });

  test('of one account count together, however its name is spelt', async () => {
    const account = { ...anAccount(), account: 'Ada.Lovelace@example.com' };
    const spellings = ['ada.lovelace@example.com', 'ADA.LOVELACE@EXAMPLE.COM', ' ada.lovelace@example.com', 'ada.lovelace@example.com'];
    const tries = times(10, () => spellings).flat();
    expect(await letTry(tries.map((spelling) => ({ ...account, account: spelling, sourceAddress: anAddress() })))).toBe(10);
  });

  test('count apart for each way in and each workspace', async () => {
    const account = anAccount();
    const sourceAddress = anAddress();
    await letTry(times(20, () => ({ ...account, sourceAddress })));
    expect(await verdictOf(aNode(), { ...account, sourceAddress })).toBe('too_many_tries');
    expect(await verdictOf(aNode(), { ...account, sourceAddress, door: 'aws-sign-in' })).toBe('let try');
    expect(await verdictOf(aNode(), { ...account, sourceAddress, workspaceId: randomUUID() })).toBe('let try');
  });

  test('that were right, or not decided, do not count', async () => {
    const tried = { ...anAccount(), sourceAddress: anAddress() };
    const limiter = aNode();
    for (let n = 0; n < 12; n++) {
      const permit = await limiter.take(tried);
      await (n % 2 === 0 ? permit.succeeded() : permit.undecided());
    }
    expect(await letTry(times(20, () => tried))).toBe(5);
  });

  test('that are refused count nowhere: who hammers at one account uses up nothing of its workspace', async () => {
    const { workspaceId, account } = anAccount();
    await letTry(times(60, () => ({ door: 'sign-in', workspaceId, account, sourceAddress: anAddress() })));
    expect(await letTry(times(40, () => ({ ...anAccount(), workspaceId, sourceAddress: anAddress() })))).toBe(30);
  });

  test('by strangers, however many, keep nobody out at an address from which the account was signed in to', async () => {
    const account = anAccount();
    const home = { ...account, sourceAddress: anAddress() };
    await (await aNode().take(home)).succeeded();
    await letTry(times(60, () => ({ ...anAccount(), workspaceId: account.workspaceId, sourceAddress: anAddress() })));
    await letTry(times(20, () => ({ ...account, sourceAddress: anAddress() })));
    expect(await verdictOf(aNode(), { ...account, sourceAddress: anAddress() })).toBe('too_many_tries');
    expect(await letTry(times(20, () => home))).toBe(5);
    await pass('31 days');
    await letTry(times(20, () => ({ ...account, sourceAddress: anAddress() })));
    expect(await verdictOf(aNode(), home)).toBe('too_many_tries');
  });

  test('that are too many are told when to come again, and may then', async () => {
    const tried = { ...anAccount(), sourceAddress: anAddress() };
    await letTry(times(5, () => tried));
    await pass('3 minutes');
    const refused = (await aNode()
      .take(tried)
      .catch((error: unknown) => error)) as LimitError;
    expect(refused.facts.retryAfterSeconds).toBeGreaterThanOrEqual(118);
    expect(refused.facts.retryAfterSeconds).toBeLessThanOrEqual(120);
    await pass('2 minutes');
    expect(await verdictOf(aNode(), tried)).toBe('let try');
  });

  test('that were refused just now are refused again without a statement', async () => {
    const tried = { ...anAccount(), sourceAddress: anAddress() };
    let asked = 0;
    const [database] = databases;
    if (!database) throw new Error('no database');
    const counting: Pick<Database, 'ask'> = {
      ask: (query, values) => {
        asked += 1;
        return database.ask(query, values);
      },
    };
    const limiter = new SignInLimiter(counting, rootKey, LIMITS);
    for (let n = 0; n < 6; n++) await verdictOf(limiter, tried);
    asked = 0;
    expect(await verdictOf(limiter, tried)).toBe('too_many_tries');
    expect(asked).toBe(0);
  });
});

test('nobody may try while tries cannot be counted', async () => {
  const tried = { ...anAccount(), sourceAddress: anAddress() };
  await server.asAdmin(`ALTER TABLE try_counters RENAME TO try_counters_gone`);
  try {
    expect(await verdictOf(aNode(), tried)).toBe('tries_not_counted');
  } finally {
    await server.asAdmin(`ALTER TABLE try_counters_gone RENAME TO try_counters`);
  }
  expect(await verdictOf(aNode(), tried)).toBe('let try');
});

test('what is stored names nobody', async () => {
  const workspaceId = randomUUID();
  await aNode().take({ door: 'sign-in', workspaceId, account: 'ada@example.com', sourceAddress: '203.0.113.77' });
  const rows = (await server.asAdmin<{ row: string }>(`SELECT t::text AS row FROM try_counters t`)).map(({ row }) => row).join('\n');
  for (const word of [workspaceId, 'ada@example.com', '203.0.113.77', 'sign-in']) {
    expect(rows).not.toContain(word);
    expect(rows).not.toContain(Buffer.from(word).toString('hex'));
  }
});
