import { randomUUID } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Queries, Statement } from '#audit';
import { RootKey } from '#envelope';
import { type ApiKeyOrder, mintApiKey } from './api-keys.js';
import { Authenticator, type WorkspaceReader } from './authenticator.js';
import { MemberRows } from './member-rows.js';
import { RowMacs } from './row-macs.js';
import { claimedBy, newWorkspaceToken, tokenDigest } from './tokens.js';

const ACME = '0197a000-0000-7000-8000-00000000000a';
const OTHER = '0197a000-0000-7000-8000-00000000000b';
const OPERATOR_TOKEN = `kho_${'A'.repeat(43)}`;

interface Row {
  workspaceId: string;
  api_key_id: string;
  name: string;
  scopes: string[];
  box_ids: string[] | null;
  token_sha256: Buffer;
  mac: Buffer;
  expires_at: Date | null;
}

/** Keys by workspace, as row-level security would show them. */
class Tables implements WorkspaceReader {
  readonly rows: Row[] = [];
  asked = 0;

  read<Result>({ workspaceId }: { workspaceId: string }, work: (tx: Queries) => Promise<Result>): Promise<Result> {
    this.asked += 1;
    const query = <Found>({ name }: Statement, [digest]: readonly unknown[] = []) =>
      Promise.resolve(
        this.rows.filter(
          (row) => name === 'api-key-find' && row.workspaceId === workspaceId && row.token_sha256.equals(digest as Buffer),
        ) as Found[],
      );
    return work({ query });
  }
}

const macs = new RowMacs(RootKey.fromBytes(Buffer.alloc(32, 1)));

/** A key that was minted here, and its row. */
async function aKey(tables: Tables, workspaceId: string, order: Partial<ApiKeyOrder> = {}): Promise<string> {
  const key = mintApiKey(macs, { workspaceId, name: 'Robot', scopes: ['item:unseal'], createdBy: 'tester', ...order });
  await key.insert({
    query(_statement, values = []) {
      const [api_key_id, name, scopes, box_ids, token_sha256, mac, , expires_at] = values;
      tables.rows.push({ workspaceId, api_key_id, name, scopes, box_ids, token_sha256, mac, expires_at } as Row);
      return Promise.resolve([]);
    },
  });
  return key.token;
}

async function aWorld(order: Partial<ApiKeyOrder> = {}) {
  const tables = new Tables();
  const token = await aKey(tables, ACME, order);
  return { tables, token, authenticator: new Authenticator(tables, macs, new MemberRows(macs), tokenDigest(OPERATOR_TOKEN)) };
}

const inOther = (token: string): string => token.replace(/^khw_[0-9a-f]{32}/, `khw_${OTHER.replaceAll('-', '')}`);

describe('a key of a service', () => {
  test('is known in its workspace, with its scopes, in every box or in those of its list', async () => {
    const { authenticator, token, tables } = await aWorld();
    const known = await authenticator.authenticate(token);
    expect(known).toMatchObject({ workspaceId: ACME, principal: { kind: 'api_key', name: 'Robot' }, reach: { boxIds: 'all' } });
    expect([...(known?.actions ?? [])]).toEqual(['item:unseal']);
    const boxId = randomUUID();
    expect(await authenticator.authenticate(await aKey(tables, ACME, { boxIds: [boxId] }))).toMatchObject({
      reach: { boxIds: new Set([boxId]) },
    });
  });

  test('says nothing of its 256 bits and all of its workspace', () => {
    const token = newWorkspaceToken('api_key', ACME);
    expect(claimedBy(token)).toEqual({ kind: 'api_key', workspaceId: ACME });
    expect(Buffer.from(token.slice(-43), 'base64url')).toHaveLength(32);
    expect(newWorkspaceToken('api_key', ACME)).not.toBe(token);
  });

  test('with another workspace written into it is unknown there, even when that workspace has one like it', async () => {
    const { authenticator, token, tables } = await aWorld();
    await aKey(tables, OTHER);
    expect(await authenticator.authenticate(inOther(token))).toBeUndefined();
  });

  test('is no session and no invitation, whatever stands before it', async () => {
    const { authenticator, token } = await aWorld();
    for (const prefix of ['khs', 'khi']) expect(await authenticator.authenticate(token.replace('khw', prefix))).toBeUndefined();
  });

  test('has only the scopes that this version knows, and none that is not for keys', async () => {
    const { authenticator, tables } = await aWorld();
    const scopes = ['item:read', 'toString', 'workspace:create', 'owner:transfer'] as never[];
    const known = await authenticator.authenticate(await aKey(tables, ACME, { scopes }));
    expect([...(known?.actions ?? [])]).toEqual(['item:read']);
  });

  test.each<[string, Partial<Row>]>([
    ['another scope', { scopes: ['item:unseal', 'vault:manage'] }],
    ['no list of boxes', { box_ids: null }],
    ['a later end', { expires_at: new Date('2999-01-01') }],
    ['no end', { expires_at: null }],
    ['another workspace', { workspaceId: OTHER }],
  ])('whose row was written by somebody else is unknown: %s', async (_what, change) => {
    const { authenticator, tables, token } = await aWorld({ boxIds: [randomUUID()], expiresAt: new Date(Date.now() + 60_000) });
    const [genuine] = tables.rows;
    if (!genuine) throw new Error('no row');
    const presented = change.workspaceId ? inOther(token) : token;
    tables.rows.splice(0, 1, { ...genuine, ...change, token_sha256: tokenDigest(presented) });
    expect(await authenticator.authenticate(presented)).toBeUndefined();
  });

  test('of one’s own making is unknown, however genuine the rest of its row', async () => {
    const { authenticator, tables } = await aWorld();
    const [genuine] = tables.rows;
    const own = newWorkspaceToken('api_key', ACME);
    if (genuine) tables.rows.push({ ...genuine, token_sha256: tokenDigest(own) });
    expect(await authenticator.authenticate(own)).toBeUndefined();
  });

  test('ends when it expires, also while it is fresh in memory', async () => {
    const { authenticator, token } = await aWorld({ expiresAt: new Date(Date.now() + 50) });
    expect(await authenticator.authenticate(token)).toBeDefined();
    const until = Date.now() + 51;
    while (Date.now() < until);
    expect(await authenticator.authenticate(token)).toBeUndefined();
  });

  test('is looked up once while it is fresh in memory', async () => {
    const { authenticator, token, tables } = await aWorld();
    await authenticator.authenticate(token);
    await authenticator.authenticate(token);
    expect(tables.asked).toBe(1);
  });
});

test('the operator is known by the digest alone, belongs to no workspace and can only create them', async () => {
  const { authenticator } = await aWorld();
  const operator = await authenticator.authenticate(OPERATOR_TOKEN);
  expect(operator).toMatchObject({ workspaceId: undefined, principal: { role: 'operator' } });
  expect([...(operator?.actions ?? [])]).toEqual(['workspace:create']);
  expect(await authenticator.authenticate(`kho_${'B'.repeat(43)}`)).toBeUndefined();
});

test.each([
  '',
  'khw_',
  'Bearer x',
  `khw_${'a'.repeat(32)}_short`,
  `khw_${'A'.repeat(32)}_${'a'.repeat(43)}`,
  `kho_${'a'.repeat(43)}\n`,
  `khw_${'a'.repeat(32)}_${'a'.repeat(44)}`,
])('what has not the form of a token is unknown without a look-up: %j', async (text) => {
  const { authenticator, tables } = await aWorld();
  expect(await authenticator.authenticate(text)).toBeUndefined();
  expect(tables.asked).toBe(0);
});
