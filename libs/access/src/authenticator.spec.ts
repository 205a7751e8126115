import { describe, expect, test } from '@jest/globals';
import type { Queries, Statement } from '#audit';
import { RootKey } from '#envelope';
import { Authenticator, type WorkspaceReader } from './authenticator.js';
import { TokenMacs } from './token-macs.js';
import { claimedBy, newWorkspaceToken, tokenDigest } from './tokens.js';

const ACME = '0197a000-0000-7000-8000-00000000000a';
const OTHER = '0197a000-0000-7000-8000-00000000000b';
const OPERATOR_TOKEN = `kho_${'A'.repeat(43)}`;

/** Tokens by workspace, as row-level security would show them. */
class Tables implements WorkspaceReader {
  readonly rows: { workspaceId: string; digest: Buffer; role: string; mac: Buffer }[] = [];
  asked = 0;

  read<Result>({ workspaceId }: { workspaceId: string }, work: (tx: Queries) => Promise<Result>): Promise<Result> {
    this.asked += 1;
    const query = <Row>(_statement: Statement, [digest]: readonly unknown[] = []) =>
      Promise.resolve(
        this.rows
          .filter((row) => row.workspaceId === workspaceId && row.digest.equals(digest as Buffer))
          .map(({ role, mac }) => ({ token_id: 'token', role, mac, name: 'Owner' }) as Row),
      );
    return work({ query });
  }
}

const macs = new TokenMacs(RootKey.fromBytes(Buffer.alloc(32, 1)));

/** A token that was minted here, and its row. */
function aRow(tables: Tables, workspaceId: string, role: string): string {
  const token = newWorkspaceToken(workspaceId);
  const digest = tokenDigest(token);
  tables.rows.push({ workspaceId, digest, role, mac: macs.of({ workspaceId, tokenId: 'token', role, digest }) });
  return token;
}

function aWorld() {
  const tables = new Tables();
  const token = aRow(tables, ACME, 'owner');
  return { tables, token, authenticator: new Authenticator(tables, macs, tokenDigest(OPERATOR_TOKEN)) };
}

describe('a workspace token', () => {
  test('is known in its workspace, with the actions of its role', async () => {
    const { authenticator, token } = aWorld();
    const known = await authenticator.authenticate(token);
    expect(known).toMatchObject({ workspaceId: ACME, principal: { role: 'owner', id: 'token' } });
    expect(known?.actions.has('item:unseal')).toBe(true);
    expect(known?.actions.has('workspace:create')).toBe(false);
  });

  test('says nothing of its 256 bits and all of its workspace', () => {
    const token = newWorkspaceToken(ACME);
    expect(claimedBy(token)).toEqual({ workspaceId: ACME });
    expect(Buffer.from(token.slice(-43), 'base64url')).toHaveLength(32);
    expect(newWorkspaceToken(ACME)).not.toBe(token);
  });

  test('with another workspace written into it is unknown there, even when that workspace has one like it', async () => {
    const { authenticator, token, tables } = aWorld();
    aRow(tables, OTHER, 'owner');
    expect(await authenticator.authenticate(token.replace(/^khw_[0-9a-f]{32}/, `khw_${OTHER.replaceAll('-', '')}`))).toBeUndefined();
  });

  test('with a role that this version does not know is unknown', async () => {
    const { authenticator, tables } = aWorld();
    expect(await authenticator.authenticate(aRow(tables, ACME, 'toString'))).toBeUndefined();
  });

  test('whose row was written by somebody else, or changed, is unknown', async () => {
    const { authenticator, tables, token } = aWorld();
    const planted = newWorkspaceToken(ACME);
    const [genuine] = tables.rows;
    if (!genuine) throw new Error('no row');
    tables.rows.push({ ...genuine, digest: tokenDigest(planted) });
    expect(await authenticator.authenticate(planted)).toBeUndefined();
    genuine.role = 'operator';
    expect(await authenticator.authenticate(token)).toBeUndefined();
    tables.rows.push({ ...genuine, workspaceId: OTHER, role: 'owner' });
    expect(await authenticator.authenticate(token.replace(/^khw_[0-9a-f]{32}/, `khw_${OTHER.replaceAll('-', '')}`))).toBeUndefined();
  });

  test('is looked up once while it is fresh in memory', async () => {
    const { authenticator, token, tables } = aWorld();
    await authenticator.authenticate(token);
    await authenticator.authenticate(token);
    expect(tables.asked).toBe(1);
  });
});

test('the operator is known by the digest alone, belongs to no workspace and can only create them', async () => {
  const { authenticator } = aWorld();
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
  const { authenticator, tables } = aWorld();
  expect(await authenticator.authenticate(text)).toBeUndefined();
  expect(tables.asked).toBe(0);
});
