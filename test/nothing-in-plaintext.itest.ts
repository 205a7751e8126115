import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DecryptCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { RootKey } from '#envelope';
import { startPostgres } from '../scripts/pg.mjs';
import type { Answer } from './harness/client.js';
import { type Customer, REGIONS } from './harness/customer.js';
import { anItem } from './harness/item.js';
import { Needles, encodings } from './harness/needles.js';
import { exchange } from './harness/raw-http.js';
import { type Keyhold, type Workspace, startKeyhold } from './harness/service.js';
import { aDefaultVault, anAwsKmsVault } from './harness/vault.js';

jest.setTimeout(120_000);

interface StoredDataKey {
  workspace_id: string;
  vault_id: string;
  data_key_id: string;
  vault_key_id: string;
  wrapped: Buffer;
}

describe('nothing is left in plaintext', () => {
  const needles = new Needles();
  /** All that was answered, but for payloads that were asked for and tokens that are shown once. */
  const answers: string[] = [];
  let keyhold: Keyhold;
  let acme: Workspace;
  let customer: Customer;
  let server: Awaited<ReturnType<typeof startPostgres>>;
  let serverLog = '';
  const vaults: string[] = [];
  let planted = 0;

  /** A new secret in base64url, as a password or a field's name could be. */
  function aSentinel(): string {
    const sentinel = randomBytes(36).toString('base64url');
    needles.add(`sentinel ${(planted += 1)}`, Buffer.from(sentinel));
    return sentinel;
  }
  const kept = (answer: Answer): Answer => {
    answers.push(answer.text, JSON.stringify([...answer.headers]));
    return answer;
  };
  const call = async (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> =>
    kept(await acme.call(method, path, body, headers));

  beforeAll(async () => {
    // A database that writes down every statement with its parameters is the least discreet one there can be.
    server = await startPostgres({ settings: { log_statement: 'all', log_connections: 'on' }, onLog: (text) => (serverLog += text) });
    process.env['KEYHOLD_TEST_PG_URL'] = server.url;
    keyhold = await startKeyhold({ env: { KEYHOLD_LOG_LEVEL: 'trace' } });
    acme = await keyhold.aWorkspace('Acme');
    vaults.push(await aDefaultVault(acme, { itemsPerDataKey: 2 }));
    const ofCustomer = await anAwsKmsVault(keyhold, acme, { itemsPerDataKey: 2, dataKeyCacheSeconds: 0 });
    vaults.push(ofCustomer.vaultId);
    customer = ofCustomer.customer;
    needles.add('operator token', Buffer.from(keyhold.operatorToken.slice(-43)));
    needles.add('owner token', Buffer.from(acme.token.slice(-43)));
    needles.add('root key', keyhold.rootKey);
    needles.add('AWS secret', Buffer.from(keyhold.platform.baseCredentials.secretAccessKey));
  });
  afterAll(async () => {
    await keyhold.stop();
    await server.stop();
  });

  test('the search finds a secret in every shape, and parts of it', () => {
    const secret = Buffer.from(aSentinel());
    for (const [encoding, text] of encodings(secret)) {
      const haystack = Buffer.concat([randomBytes(50), Buffer.from(text, 'latin1').subarray(3, 23), randomBytes(50)]);
      expect({ encoding, found: needles.in(haystack) }).toEqual({
        encoding,
        found: expect.arrayContaining([expect.stringContaining('sentinel')]),
      });
    }
    for (const offset of [0, 1, 2, 3]) expect(needles.in(Buffer.concat([Buffer.alloc(offset), secret]).toString('base64'))).not.toEqual([]);
    expect(needles.in(randomBytes(1_000_000))).toEqual([]);
  });

  test('things are sealed and unsealed on every path', async () => {
    for (const vaultId of vaults) {
      const secret = () => ({ password: aSentinel(), [aSentinel()]: [{ deep: aSentinel() }] });
      const id = await anItem(acme, secret(), { vaultId });
      const idempotent = { 'idempotency-key': randomBytes(8).toString('hex') };
      const body = { kind: 'account', name: 'n', vaultId, payload: secret() };
      for (let i = 0; i < 2; i += 1) await call('POST', '/items', body, idempotent);
      for (let i = 0; i < 3; i += 1) await call('PUT', `/items/${id}`, { payload: secret() });
      for (const path of ['', '/versions', '/export', '/export?version=1']) await call('GET', `/items/${id}${path}`);
      const unsealed = await acme.call('POST', `/items/${id}/unseal`);
      expect(needles.in(unsealed.text)).toHaveLength(3);
      const sealed = await call('POST', '/seal', { vaultId, context: 'c', payload: secret() });
      const batch = await call('POST', '/seal', { vaultId, entries: [1, 2, 3].map(() => ({ context: 'c', payload: secret() })) });
      const tokens = [sealed.body.sealed as string, ...(batch.body.results as { sealed: string }[]).map((result) => result.sealed)];
      const opened = await acme.call('POST', '/unseal', { entries: tokens.map((token) => ({ context: 'c', sealed: token })) });
      expect(needles.in(opened.text)).toHaveLength(12);
      await call('POST', '/unseal', { context: 'another', sealed: tokens[0] });
      await call('DELETE', `/items/${await anItem(acme, secret(), { vaultId })}`);
    }
    await call('GET', '/items');
    await call('GET', '/audit-events?limit=100');
    await call('GET', '/vaults');
  });

  test('workspaces are made, and shown their tokens again', async () => {
    const headers = { 'idempotency-key': 'same' };
    const made = [1, 2].map(() =>
      keyhold.operator('POST', '/v1/workspaces', { name: 'Globex', ownerEmail: 'owner@globex.example' }, headers),
    );
    const [{ body }] = (await Promise.all(made)) as [Answer, Answer];
    needles.add('owner token of Globex', Buffer.from((body.apiKey as string).slice(-43)));
  });

  /** A name that nobody knows is told to whoever sent it, so those are no secrets here. */
  test('requests go wrong in every way', async () => {
    const [vaultId] = vaults;
    const s = aSentinel;
    const item = () => ({ kind: 'secret', name: 'n', vaultId, payload: { password: s() } });
    const wrong: unknown[] = [
      { ...item(), password: s() },
      { ...item(), kind: s() },
      { ...item(), category: s() },
      { ...item(), vaultId: s() },
      { ...item(), name: { password: s() } },
      { ...item(), name: `${s()}\u0000` },
      { ...item(), payload: [s()] },
      { ...item(), payload: s() },
      [s(), item()],
      s(),
      { ...item(), payload: { constructor: s(), password: s() } },
      { ...item(), payload: { password: s(), big: 'x'.repeat(1024 * 1024) } },
      { ...item(), payload: Array.from({ length: 40 }).reduce<unknown>((inner) => [inner], s()) },
    ];
    for (const body of wrong) expect((await call('POST', '/items', body)).status).toBeGreaterThanOrEqual(400);
    for (const path of ['/seal', '/unseal', '/vaults', `/items/${s()}/unseal`, `/${s()}`])
      expect(
        (await call('POST', path, { context: s(), sealed: `${s()}.${s()}`, payload: { password: s() }, password: s() })).status,
      ).toBeGreaterThanOrEqual(400);
    for (const query of [`limit=${s()}`, `cursor=${s()}`, `password=${s()}`, `vaultId=${s()}`]) await call('GET', `/items?${query}`);
    await call('POST', '/vaults', { name: 'v', strategy: 'aws-kms', awsKms: { accountId: s(), keyId: s(), roleArn: s() } });
    for (const token of [s(), `Bearer ${s()}`, `${acme.token}${s()}`]) await call('GET', '/items', undefined, { authorization: token });
    await call('GET', '/items', undefined, { 'x-api-key': s(), cookie: s(), 'user-agent': s(), referer: s(), 'x-request-id': s() });
  });

  test('bytes come that are no request', async () => {
    const s = aSentinel;
    const head = (length: number) =>
      `POST /v1/workspaces/${acme.id}/items HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${acme.token}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;
    const bodies = [`{"password": ${s()}}`, `{"password": "${s()}`, `{"password": "${s()}\\ud800"}`, s(), `{"${s()}":1e999}`, `\xff${s()}`];
    for (const body of bodies) answers.push(await exchange(keyhold.url, head(body.length) + body));
    for (const noise of [
      `${s()}\r\n\r\n`,
      `GET /${s()} HTTP/9.9\r\n\r\n`,
      `GET / HTTP/1.1\r\n${s()}\r\n\r\n`,
      `GET /?${s()} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    ])
      answers.push(await exchange(keyhold.url, noise));
  });

  test('the database and AWS fail underneath', async () => {
    const [vaultId, ofCustomer] = vaults;
    const secret = () => ({ kind: 'secret', name: 'n', payload: { password: aSentinel() } });
    const id = await anItem(acme, { password: aSentinel() }, { vaultId: ofCustomer });
    for (const table of ['audit_events', 'item_versions']) {
      await keyhold.database.asAdmin(`ALTER TABLE ${table} ADD CONSTRAINT blocked CHECK (false) NOT VALID`);
      expect(await call('POST', '/items', { ...secret(), vaultId })).toMatchObject({ status: 500 });
      if (table === 'audit_events') expect(await call('POST', `/items/${id}/unseal`)).toMatchObject({ status: 500 });
      await keyhold.database.asAdmin(`ALTER TABLE ${table} DROP CONSTRAINT blocked`);
    }
    for (const kind of ['reset', 'garbage', 'wrong-plaintext', 'wrong-key-id'] as const) {
      const lift = await keyhold.sandbox.control.fault({ service: 'kms', fault: { kind } });
      await call('POST', '/items', { ...secret(), vaultId: ofCustomer });
      await call('POST', `/items/${id}/unseal`);
      await lift();
    }
    await keyhold.database.asAdmin('UPDATE item_versions SET tag = sha256(tag) WHERE item_id = $1', [id]);
    expect(await call('POST', `/items/${id}/unseal`)).toMatchObject({ status: 422 });
  });

  test('none of it is in the answers, the logs, the ledger of AWS, or anywhere in the database', async () => {
    const dataKeys = await keyhold.database.asAdmin<StoredDataKey>('SELECT * FROM data_keys');
    for (const stored of dataKeys) needles.add(`data key ${stored.data_key_id}`, await plaintextOf(stored));
    expect(dataKeys.length).toBeGreaterThan(5);
    expect(planted).toBeGreaterThan(100);

    const { calls } = await keyhold.sandbox.control.ledger();
    const places: Record<string, Buffer | string> = {
      answers: answers.join('\n'),
      'log of the service': keyhold.log(),
      "log of the service's database": serverLog,
      'ledger of AWS': JSON.stringify(calls),
      'log of the sandbox': keyhold.sandbox.errors(),
      ...(await databaseDump()),
      ...(await databaseFiles()),
    };
    expect(Object.keys(places).length).toBeGreaterThan(20);
    expect(places['log of the service']).toContain('"level":"error"');
    expect(places["log of the service's database"]).toContain('INSERT INTO item_versions');
    const hits = Object.entries(places).flatMap(([place, contents]) => needles.in(contents).map((name) => `${name} in ${place}`));
    expect(hits).toEqual([]);
    const bytes = Object.values(places).reduce((sum, contents) => sum + contents.length, 0);
    console.log(`figure: plaintext-secrets-planted = ${planted + dataKeys.length + 5}`);
    console.log(`figure: plaintext-megabytes-searched = ${Math.round(bytes / 1e6)}`);
    console.log(`figure: plaintext-hits = ${hits.length}`);
  });

  test('of tokens the database has the digest', async () => {
    const digest = createHash('sha256').update(acme.token).digest();
    expect(await keyhold.database.asAdmin('SELECT name FROM api_keys WHERE token_sha256 = $1', [digest])).toEqual([{ name: 'First key' }]);
  });

  async function plaintextOf({ wrapped, ...ids }: StoredDataKey): Promise<Buffer> {
    const { workspace_id: workspaceId, vault_id: vaultId, data_key_id: dataKeyId, vault_key_id: vaultKeyId } = ids;
    if (vaultId !== vaults[1])
      return RootKey.fromBytes(keyhold.rootKey).unwrapDataKey({ workspaceId, vaultId, dataKeyId, vaultKeyId }, wrapped).expose();
    const asked = { KeyId: customer.keyId, CiphertextBlob: wrapped, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' } as const;
    return Buffer.from((await customer.kms(REGIONS.main).send(new DecryptCommand(asked))).Plaintext ?? []).subarray(-32);
  }

  /** Every table as text, and every bytea as it is. */
  async function databaseDump(): Promise<Record<string, Buffer>> {
    const tables = await keyhold.database.asAdmin<{ name: string }>(
      `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    const dump: Record<string, Buffer> = {};
    for (const { name } of tables) {
      const rows = await keyhold.database.asAdmin<Record<string, unknown>>(`SELECT t::text AS whole_row, t.* FROM ${name} t`);
      const parts = rows.flatMap((row) =>
        Object.values(row).map((value) => (Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value)))),
      );
      dump[`table ${name}`] = Buffer.concat(parts);
    }
    return dump;
  }

  /** What PostgreSQL has on its disk: tables, indexes, write-ahead log, also of what was deleted. */
  async function databaseFiles(): Promise<Record<string, Buffer>> {
    await keyhold.database.asAdmin('CHECKPOINT');
    const [{ folder, database } = { folder: '', database: 0 }] = await keyhold.database.asAdmin<{ folder: string; database: number }>(
      `SELECT current_setting('data_directory') AS folder, oid AS database FROM pg_database WHERE datname = current_database()`,
    );
    const folders = [join(folder, 'base', String(database)), join(folder, 'pg_wal')];
    const files = folders.flatMap((one) =>
      readdirSync(one, { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => join(one, name)),
    );
    return Object.fromEntries(files.map((file) => [`file ${file}`, readFileSync(file)]));
  }
});
