import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Keyhold, startKeyhold } from './harness/service.js';
import { type EverythingAsked, everythingAsked } from './isolation/everything-asked.js';
import { namedStatements } from './isolation/named-statements.js';
import type { Asked } from './isolation/statement-recorder.js';
import { withoutFences, withoutPredicates } from './isolation/two-worlds.js';

jest.setTimeout(600_000);

/** Of each statement so many different calls are tried: the first ones and the last one, and some of those before. */
const CALLS_MAX = 8;
/** What is asked outside of every name: transactions, questions about the server and one's role, and to be told of notices. */
const NAMELESS =
  /^(?:BEGIN(?: READ ONLY)?; SET LOCAL keyhold\.workspace_id = '[0-9a-f-]{36}'$|COMMIT$|ROLLBACK$)|\bFROM (?:migrations|pg_roles)\b|\bto_regclass\('migrations'\)|^SELECT 1$|^LISTEN keyhold_data_key_purges$/;

/** Which workspaces have something to do, and which processes are alive: the row policies of the worker's role show it no more. */
const ACROSS_WORKSPACES = [
  'alerts-due',
  'alerts-to-tell',
  'jobs-requeue',
  'managed-keys-due',
  'metrics-alerts',
  'metrics-job-steps',
  'metrics-jobs',
  'metrics-vault-keys',
  'node-beat-worker',
  'node-bury',
  'vault-keys-left-behind',
  'vault-probes-claim',
];
const BY_BOTH_ROLES = ['node-leave'];
/** About processes and the queue, and no row of a workspace. */
const UNASKED = ['node-live', 'queue-unlock-own'];

/**
 * What each process is still to do, for whichever workspace: it names vaults, and holds nothing of them. Every process may read it,
 * and these statements alone do.
 */
const OF_PROCESSES = { table: 'data_key_purge_orders', statements: ['purge-obeyed', 'purge-order', 'purge-orders-of-node'] };

/** How acme asks what globex had asked: with acme's own workspace in it, or with globex's left where it was. */
type Way = 'as it is' | 'without predicates' | 'for the other workspace';

describe('a workspace is kept apart by the row policies alone, and by the predicates of the statements alone', () => {
  let keyhold: Keyhold;
  let everything: EverythingAsked;
  /** Those of globex, by the name of the statement. */
  const calls = new Map<string, Asked[]>();

  beforeAll(async () => {
    keyhold = await startKeyhold();
    everything = await everythingAsked(keyhold);
    for (const [name, those] of callsByName(everything)) calls.set(name, those);
  });
  afterAll(() => keyhold.stop());

  /** Names of the statements by which acme could see or change something of globex, and what. */
  async function traces(way: Way, { policies }: { policies: boolean }): Promise<Record<string, string>> {
    const { worlds, acme } = everything;
    const asking = [...calls.values()].flat();
    const found = await worlds.traces(
      asking.map((call) => ({ ...asked(call, way), ...(policies && { underPoliciesOf: acme.workspace.id }) })),
    );
    return Object.fromEntries(asking.flatMap(({ name }, i) => (found[i] === undefined ? [] : [[name, found[i]]])));
  }

  function asked({ text, values }: Asked, way: Way): Pick<Asked, 'text' | 'values'> {
    const ofAnyTime = withoutFences(text);
    if (way === 'for the other workspace') return { text: ofAnyTime, values };
    return {
      text: way === 'without predicates' ? withoutPredicates(ofAnyTime) : ofAnyTime,
      values: [everything.acme.workspace.id, ...values.slice(1)],
    };
  }

  /** Of all that are about rows of workspaces. */
  function statements(): Map<string, string> {
    const tables = everything.tables.filter((table) => table !== OF_PROCESSES.table);
    const isOfWorkspaces = (text: string) => tables.some((table) => new RegExp(`\\b${table}\\b`).test(text));
    return new Map(everything.asked.filter(({ name, text }) => name !== '' && isOfWorkspaces(text)).map(({ name, text }) => [name, text]));
  }

  test('every statement of the stores was asked, by globex where it is about rows of workspaces, and nothing else was asked', () => {
    const names = new Set(everything.asked.map(({ name }) => name).filter((name) => name !== ''));
    expect([...names, ...ACROSS_WORKSPACES, ...UNASKED].toSorted()).toEqual(namedStatements());
    expect([...statements().keys()].filter((name) => !calls.has(name))).toEqual([]);
    expect(everything.asked.filter(({ name, text }) => name === '' && !NAMELESS.test(text)).map(({ text }) => text)).toEqual([]);
  });

  test('what is asked across workspaces is what a worker asks in its own role, and nothing else is', () => {
    const named = new Set(namedStatements());
    const across = new Set(everything.askedAcross.map(({ name }) => name).filter((name) => named.has(name)));
    expect([...across].toSorted()).toEqual([...ACROSS_WORKSPACES, ...BY_BOTH_ROLES].toSorted());
  });

  test('what processes are to do for all workspaces is read and changed by these statements alone', () => {
    // A worker's policy shows it what has expired, and nothing else; it comes to delete that at a time of its own.
    const askedAcross = everything.askedAcross.filter(({ text }) => text !== `DELETE FROM ${OF_PROCESSES.table}`);
    const those = [...everything.asked, ...askedAcross].filter(({ text }) => text.includes(OF_PROCESSES.table));
    expect([...new Set(those.map(({ name }) => name))].toSorted()).toEqual(OF_PROCESSES.statements);
  });

  test('every statement that reads or changes rows of workspaces compares the workspace', () => {
    const reaches = new RegExp(`\\b(?:FROM|JOIN|UPDATE)\\s+(?:${everything.tables.join('|')})\\b`);
    expect([...statements()].filter(([, text]) => reaches.test(text) && withoutPredicates(text) === text)).toEqual([]);
  });

  test('with both walls gone every statement about workspaces reaches the other one: the next tests can fail', async () => {
    const bare = await traces('without predicates', { policies: false });
    const forged = await traces('for the other workspace', { policies: false });
    const known = [...statements()];
    expect(known.filter(([name]) => !(name in bare || name in forged))).toEqual([]);
    // what inserts besides is refused by a key or a limit before its predicate matters
    const hasPredicates = ([, text]: [string, string]) => withoutPredicates(text) !== text && !/\bINSERT INTO\b/.test(text);
    expect(known.filter(hasPredicates).filter(([name]) => !(name in bare))).toEqual([]);
  });

  test('the policies hold when the predicates are gone', async () => {
    expect(await traces('without predicates', { policies: true })).toEqual({});
  });

  test('the policies hold when the predicates name another workspace', async () => {
    expect(await traces('for the other workspace', { policies: true })).toEqual({});
  });

  test('the predicates hold when the policies are gone', async () => {
    expect(await traces('as it is', { policies: false })).toEqual({});
    console.log(`figure: statements-behind-two-walls = ${statements().size}`);
  });
});

/** Those of globex, distinct. First of all those that were asked after everything was remembered: they found what is remembered. */
function callsByName({ asked, askedBefore, globex }: EverythingAsked): Map<string, Asked[]> {
  const ofGlobex = (calls: readonly Asked[]) => calls.filter(({ name, values }) => name !== '' && values[0] === globex.workspace.id);
  const before = Map.groupBy(ofGlobex(asked.slice(0, askedBefore)), ({ name }) => name);
  const after = Map.groupBy(ofGlobex(asked.slice(askedBefore)), ({ name }) => name);
  const names = new Set([...before.keys(), ...after.keys()]);
  return new Map([...names].map((name) => [name, someOf(distinct(after.get(name)), distinct(before.get(name)))]));
}

const distinct = (calls: readonly Asked[] = []): Asked[] =>
  [...Map.groupBy(calls, ({ values }) => JSON.stringify(values)).values()].flatMap(([first]) => first ?? []);

const someOf = (after: readonly Asked[], before: readonly Asked[]): Asked[] =>
  distinct([...after.slice(0, CALLS_MAX - 3), ...after.slice(-1), ...before.slice(-1), ...before]).slice(0, CALLS_MAX);
