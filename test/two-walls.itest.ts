import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Keyhold, startKeyhold } from './harness/service.js';
import { type EverythingAsked, everythingAsked } from './isolation/everything-asked.js';
import { namedStatements } from './isolation/named-statements.js';
import type { Asked } from './isolation/statement-recorder.js';
import { withoutPredicates } from './isolation/two-worlds.js';

jest.setTimeout(300_000);

/** Of each statement so many different calls are tried. */
const CALLS_MAX = 6;
/** What is asked outside of every name: transactions, and questions about the server and one's role. */
const NAMELESS =
  /^(?:BEGIN(?: READ ONLY)?; SET LOCAL keyhold\.workspace_id = '[0-9a-f-]{36}'$|COMMIT$|ROLLBACK$)|\bFROM (?:migrations|pg_roles)\b|\bto_regclass\('migrations'\)|^SELECT 1$/;

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
    const { asked, globex } = everything;
    for (const call of asked) if (call.name !== '' && call.values[0] === globex.workspace.id) keep(call);
  });
  afterAll(() => keyhold.stop());

  function keep(call: Asked): void {
    const known = calls.get(call.name) ?? [];
    const isNew = !known.some(({ values }) => JSON.stringify(values) === JSON.stringify(call.values));
    if (isNew && known.length < CALLS_MAX) calls.set(call.name, [...known, call]);
  }

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
    if (way === 'for the other workspace') return { text, values };
    return {
      text: way === 'without predicates' ? withoutPredicates(text) : text,
      values: [everything.acme.workspace.id, ...values.slice(1)],
    };
  }

  /** Of all that are about rows of workspaces. */
  function statements(): Map<string, string> {
    const isOfWorkspaces = (text: string) => everything.tables.some((table) => new RegExp(`\\b${table}\\b`).test(text));
    return new Map(everything.asked.filter(({ name, text }) => name !== '' && isOfWorkspaces(text)).map(({ name, text }) => [name, text]));
  }

  test('every statement of the stores was asked, by globex where it is about rows of workspaces, and nothing else was asked', () => {
    const names = new Set(everything.asked.map(({ name }) => name).filter((name) => name !== ''));
    expect([...names].toSorted()).toEqual(namedStatements());
    expect([...statements().keys()].filter((name) => !calls.has(name))).toEqual([]);
    expect(everything.asked.filter(({ name, text }) => name === '' && !NAMELESS.test(text)).map(({ text }) => text)).toEqual([]);
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
