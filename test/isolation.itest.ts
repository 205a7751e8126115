import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Answer } from './harness/client.js';
import { eventually } from './harness/eventually.js';
import { type Keyhold, startKeyhold } from './harness/service.js';
import { ask, comparable } from './isolation/ask.js';
import { type Cell, cellsOf, isLikeAbsent, isSuccess, methodOf, nameOf } from './isolation/cells.js';
import { type Principal, anotherLink, anotherService, keysOfOneScope, thoseOf, thoseOutside } from './isolation/principals.js';
import type { Row } from './isolation/row.js';
import { ROWS } from './isolation/rows.js';
import { Sentinels } from './isolation/sentinels.js';
import { rowsOf, tenantTables } from './isolation/tenant-rows.js';
import { type Tenant, aTenant } from './isolation/tenant.js';
import { may } from './isolation/who-may.js';

jest.setTimeout(300_000);

const AT_ONCE = 8;
/** What a refusal leaves behind, in the workspace of whom was refused. */
const TRAIL = ['audit_events'];

const BRIEFLY = ['own', 'foreign', 'absent'] as const;
/** Those who ask with every id in every place; the others of their kind ask briefly. */
const IN_FULL = [
  'the Owner',
  'an Admin',
  'a User',
  'a User with a grant to read',
  'a key with every scope',
  'a key for another box',
  'an AWS identity with a grant to write',
  'a link for AWS administrators',
  'the operator',
  'nobody',
  'a suspended member',
];

describe('the border of a workspace', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyhold-routes-'));
  const routesFile = join(folder, 'routes.json');
  let keyhold: Keyhold;
  let acme: Tenant;
  let globex: Tenant;
  let principals: Principal[];
  let others: [Tenant, Principal][];
  let tables: string[];
  const counted = { cells: 0, leaks: 0 };

  beforeAll(async () => {
    const env = { NODE_OPTIONS: `--import=${resolve('test/isolation/report-routes.mjs')}`, ROUTES_FILE: routesFile };
    keyhold = await startKeyhold({ env });
    [acme, globex] = await Promise.all([aTenant(keyhold, new Sentinels()), aTenant(keyhold, new Sentinels())]);
    const known = await Promise.all([thoseOf(acme, 'acme'), thoseOf(globex, 'globex'), keysOfOneScope(acme), thoseOutside(acme, globex)]);
    principals = known.flat().map((principal) => (IN_FULL.includes(principal.name) ? principal : { asks: BRIEFLY, ...principal }));
    others = [
      [globex, await anotherService(globex, 'globex')],
      [acme, await anotherService(acme, 'acme')],
      [globex, await anotherLink(globex, 'globex')],
      [acme, await anotherLink(acme, 'acme')],
    ];
    tables = await tenantTables(keyhold.database);
    for (const { sentinels, workspace } of [acme, globex]) await sentinels.learnIds(keyhold.database, tables, workspace.id);
  });
  afterAll(async () => {
    await keyhold.stop();
    rmSync(folder, { recursive: true });
  });

  test('has a row for every route of the running service, and for none that it does not have', () => {
    const routes = new Set(JSON.parse(readFileSync(routesFile, 'utf8')) as string[]);
    expect(new Set(ROWS.map(({ route }) => route))).toEqual(routes);
  });

  describe.each([...new Set(ROWS.map(({ route }) => route))])('%s', (route) => {
    test('gives everybody what the rights say, and nothing of another workspace', async () => {
      const rows = ROWS.filter((row) => row.route === route);
      const faults: string[] = [];
      for (const row of rows) faults.push(...(await faultsOf(row)));
      counted.leaks += faults.length;
      expect(faults).toEqual([]);
    });
  });

  test('was tried in at least 2,000 places, and none let anything through', () => {
    console.log(`figure: isolation-cells = ${counted.cells}\nfigure: isolation-leaks = ${counted.leaks}`);
    expect(counted.cells).toBeGreaterThanOrEqual(2_000);
    expect(counted.leaks).toBe(0);
  });

  /** Those of whom the answer may tell nothing. */
  function strangersTo({ principal, row, place }: Cell): Tenant[] {
    if (row.tellsItsHolder && place === undefined) return [globex];
    if (principal.of === 'acme') return [globex];
    return principal.of === 'globex' ? [acme] : [acme, globex];
  }

  /** Asks every cell of the row: those that must be refused at the same time, and then one by one those that go through. */
  async function faultsOf(row: Row): Promise<string[]> {
    const usedKeys = row.isIdempotent ? await usedKeysOf(row) : [];
    const isShort = methodOf(row) === 'HEAD' || row.isCostly;
    const asking = isShort ? principals.filter(({ name }) => IN_FULL.includes(name)) : principals;
    const cells = asking.map((principal) => cellsOf(row, principal, acme, globex, usedKeys));
    counted.cells += cells.flat().length;
    const before = await contents();
    const refused = await inLanes(cells.map((those) => those.filter((cell) => !isSuccess(cell))));
    const between = await contents();
    const successes = cells.flat().filter(isSuccess);
    const done = await inLanes([successes.filter((cell) => !isOfGlobex(cell))]);
    const after = await contents();
    const elsewhere = await inLanes([successes.filter(isOfGlobex)]);
    return [
      ...refused,
      ...done,
      ...elsewhere,
      ...changed(before.acme, between.acme).map((table) => `${row.route}: a refusal changed ${table}`),
      ...changed(before.globex, after.globex).map((table) => `${row.route}: ${table} of the other workspace changed`),
    ];
  }

  /** Keys under which somebody of globex, and somebody else of acme, have asked the very same. */
  async function usedKeysOf(row: Row): Promise<string[]> {
    const { needs } = row;
    const keys: string[] = []; // none of the operator, who is one
    for (const [tenant, principal] of needs ? others.filter(([, { standings }]) => standings.some((one) => may(one, needs.act))) : []) {
      const key = randomUUID();
      const headers = { 'idempotency-key': key };
      const cell: Cell = { row, principal, place: undefined, state: 'own', ids: {}, headers, expected: row.succeeds };
      const { answer } = await ask(keyhold.url, cell, tenant, (await row.uses?.(tenant)) ?? {});
      if (answer.status !== row.succeeds.status) throw new Error(`${row.route} by ${principal.name}: ${answer.status} ${answer.text}`);
      keys.push(key);
    }
    return keys;
  }

  async function contents(): Promise<Record<'acme' | 'globex', Record<string, string>>> {
    await eventually(() => keyhold.database.asAdmin('SELECT 1 FROM data_key_purge_orders'), isNothing); // nodes obey behind their answers
    const kept = tables.filter((table) => !TRAIL.includes(table));
    const of = ({ workspace }: Tenant) => rowsOf(keyhold.database, kept, workspace.id);
    return { acme: await of(acme), globex: await of(globex) };
  }

  async function inLanes(lanes: Cell[][]): Promise<string[]> {
    const faults: string[] = [];
    const next = lanes.values();
    const lane = async () => {
      for (const cells of next) faults.push(...(await faultsOfCells(cells)));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    return faults;
  }

  /** Of the cells of one row and one principal. */
  async function faultsOfCells(cells: Cell[]): Promise<string[]> {
    const faults: string[] = [];
    const refusals = new Map<string, string>();
    for (const cell of cells) {
      const fault = (what: string) => faults.push(`${nameOf(cell)}: ${what}`);
      const tenant = isSuccess(cell) && isOfGlobex(cell) ? globex : acme;
      const { answer, sent } = await ask(keyhold.url, cell, tenant, isSuccess(cell) ? ((await cell.row.uses?.(tenant)) ?? {}) : {});
      if (isSuccess(cell)) await cell.row.undo?.(tenant);
      if (!isExpected(cell, answer)) fault(`expected ${JSON.stringify(cell.expected)}, got ${answer.status} ${answer.text.slice(0, 300)}`);
      if (answer.headers.has('idempotent-replayed')) fault('was answered with what somebody else was answered');
      const told = JSON.stringify([...answer.headers]) + answer.text;
      const known = [...sent, ...[acme, globex].flatMap((tenant) => cell.row.tells?.(tenant) ?? [])];
      for (const { sentinels } of strangersTo(cell)) for (const leak of sentinels.in(told, known)) fault(`told ${leak}`);
      if (cell.place === undefined || isSuccess(cell) || !isLikeAbsent(cell)) continue;
      const bytes = comparable(answer);
      const before = refusals.get(cell.place) ?? bytes;
      refusals.set(cell.place, before);
      if (bytes !== before) fault(`another answer than before:\n${before}\n---\n${bytes}`);
    }
    return faults;
  }
});

/** Where a credential is needed and names the workspace by itself, a success of theirs is one in their own. */
const isOfGlobex = ({ principal, row }: Cell): boolean => row.needs !== undefined && principal.of === 'globex';

function isExpected({ row, expected }: Cell, { status, body, text }: Answer): boolean {
  if (status !== expected.status) return false;
  if (methodOf(row) === 'HEAD') return text === '';
  if (expected.isEmpty) return body.data.length === 0 && (body.nextCursor ?? null) === null;
  return expected.code === undefined || body.code === expected.code;
}

const isNothing = (rows: readonly unknown[]): boolean => rows.length === 0;

const changed = (before: Record<string, string>, after: Record<string, string>): string[] =>
  Object.keys(before).filter((table) => before[table] !== after[table]);
