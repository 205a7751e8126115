import { describe, expect, jest, test } from '@jest/globals';
import type { Queries } from '#audit';
import { RootKey } from '#envelope';
import { mintApiKey } from './api-keys.js';
import { MemberRows } from './member-rows.js';
import { RowMacs } from './row-macs.js';
import { mintSession } from './sessions.js';
import { tokenDigest } from './tokens.js';

// before the cache of the authenticator takes its clock
jest.useFakeTimers();
jest.advanceTimersByTime(1); // to that cache the very beginning is no time
const { Authenticator } = await import('./authenticator.js');

const ACME = '0197a000-0000-7000-8000-00000000000a';
const macs = new RowMacs(RootKey.fromBytes(Buffer.alloc(32, 1)));

/** One row, which counts until it is revoked. */
class OneRow {
  isRevoked = false;
  constructor(private readonly row: object) {}

  read<Result>(_ctx: unknown, work: (tx: Queries) => Promise<Result>): Promise<Result> {
    return work({ query: <Row>() => Promise.resolve((this.isRevoked ? [] : [this.row]) as Row[]) });
  }
}

const authenticatorOf = (row: OneRow) => new Authenticator(row, macs, new MemberRows(macs), tokenDigest('kho_none'));

async function aKey() {
  const key = mintApiKey(macs, { workspaceId: ACME, name: 'Robot', scopes: ['item:read'], createdBy: 'test' });
  let row: object = {};
  await key.insert({
    query(_statement, values = []) {
      const [api_key_id, name, scopes, box_ids, token_sha256, mac, , expires_at] = values;
      row = { api_key_id, name, scopes, box_ids, token_sha256, mac, expires_at };
      return Promise.resolve([]);
    },
  });
  return { token: key.token, row };
}

async function anAwsSession() {
  const aws = {
    arn: 'arn:aws:iam::111122223333:user/u',
    account: '111122223333',
    uniqueId: 'AIDA1',
    accessKeyId: 'A',
    audienceBound: true,
  };
  const session = mintSession(macs, { workspaceId: ACME, of: { kind: 'aws', aws }, sourceAddress: '::1', userAgent: undefined });
  let row: object = {};
  await session.insert({
    query: <Row>(_statement: unknown, values: readonly unknown[] = []) => {
      const [session_id, kind, , , token_sha256, session_mac] = values;
      row = { session_id, kind, aws, token_sha256, session_mac, expires_at: new Date(), seconds_left: 3600, seconds_confirmed: 0 };
      return Promise.resolve([{ expires_at: new Date() }] as Row[]);
    },
  });
  return { token: session.token, row };
}

describe.each([
  { what: 'a key that is revoked', made: aKey },
  { what: 'a session that is ended', made: anAwsSession },
])('$what', ({ made }) => {
  test('is taken by a node that knows it for less than 5 seconds, however often it is shown', async () => {
    const { token, row } = await made();
    const stored = new OneRow(row);
    const authenticator = authenticatorOf(stored);
    expect(await authenticator.authenticate(token)).toBeDefined();
    stored.isRevoked = true;
    for (let shown = 0; shown < 49; shown += 1) {
      await jest.advanceTimersByTimeAsync(100);
      await authenticator.authenticate(token);
    }
    await jest.advanceTimersByTimeAsync(101);
    expect(await authenticator.authenticate(token)).toBeUndefined();
  });

  test('is taken by no node that does not know it', async () => {
    const { token, row } = await made();
    const stored = new OneRow(row);
    stored.isRevoked = true;
    expect(await authenticatorOf(stored).authenticate(token)).toBeUndefined();
  });
});
