import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { logged } from '../harness/logged.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';

jest.setTimeout(30_000); // processes are started here

const MAIN = resolve('dist/apps/api/src/main.js');

describe('the process of the API', () => {
  let keyhold: Keyhold;
  let acme: Workspace;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await keyhold.aWorkspace('Acme');
  });
  afterAll(() => keyhold.stop());

  const environment = () => ({
    PATH: process.env['PATH'],
    KEYHOLD_PORT: '0',
    KEYHOLD_DATABASE_URL: keyhold.database.serviceUrl,
    KEYHOLD_ROOT_KEY: keyhold.rootKey.toString('base64'),
    KEYHOLD_OPERATOR_TOKEN_SHA256: 'ab'.repeat(32),
    KEYHOLD_AWS_PRINCIPAL_ARN: keyhold.platform.principalArn,
  });

  /** Starts a process that is not to come up, and gives what it said. */
  function refusedStart(changes: NodeJS.ProcessEnv, options: string[] = []) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...options, MAIN], {
      env: { ...environment(), ...changes },
      encoding: 'utf8',
      timeout: 20_000,
    });
    return { status, stderr, output: stdout + stderr };
  }

  describe('does not start', () => {
    test('without what it needs: a sentence for each, and nothing else', () => {
      const { status, output } = refusedStart({ KEYHOLD_DATABASE_URL: '', KEYHOLD_ROOT_KEY: 'c2hvcnQ=', KEYHOLD_TYPO: '1' });
      expect(status).toBe(1);
      expect(output.trim().split('\n').sort()).toEqual([
        expect.stringMatching(/^KEYHOLD_DATABASE_URL must be .*\.$/),
        expect.stringMatching(/^KEYHOLD_ROOT_KEY must be .*\.$/),
        expect.stringMatching(/^KEYHOLD_TYPO is not .*\.$/),
      ]);
    });

    test.each(['ownerUrl', 'adminUrl'] as const)('as the role of the %s, for whom row-level security does not hold', (role) => {
      const { status, stderr, output } = refusedStart({ KEYHOLD_DATABASE_URL: keyhold.database[role] });
      expect(status).toBe(1);
      expect(stderr).toMatch(/connect as keyhold_app/);
      expect(output).not.toContain(`:${new URL(keyhold.database[role]).password}@`);
    });

    test('without its database', () => {
      const { status, output } = refusedStart({ KEYHOLD_DATABASE_URL: 'postgres://keyhold_app:s3cret@127.0.0.1:1/keyhold' });
      expect(status).toBe(1);
      expect(output).not.toContain('s3cret');
    });

    test('in production with the sandbox, a debugger or an example key', () => {
      const production = {
        NODE_ENV: 'production',
        KEYHOLD_ROOT_KEY: Buffer.alloc(32, 1).toString('base64'),
        KEYHOLD_AWS_ENDPOINT: 'http://127.0.0.1:1',
      };
      const { status, stderr } = refusedStart({ ...production, AWS_ENDPOINT_URL_KMS: 'http://127.0.0.1:1' }, ['--inspect=127.0.0.1:0']);
      expect(status).toBe(1);
      for (const said of [
        'KEYHOLD_AWS_ENDPOINT',
        'AWS_ENDPOINT_URL_KMS',
        '--inspect',
        'debugger can attach',
        'root key is an example',
        '--disable-sigusr1',
      ]) {
        expect(stderr).toContain(said);
      }
    });
  });

  describe('behind proxies', () => {
    async function sourceOf(url: string, forwarded: string): Promise<string> {
      const answer = await fetch(`${url}/v1/workspaces/${acme.id}/items`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${acme.token}`,
          'content-type': 'application/json',
          'x-forwarded-for': forwarded,
          'x-real-ip': '6.6.6.6',
        },
        body: JSON.stringify({ kind: 'secret', name: 'n', payload: {} }),
      });
      const { body } = await acme.call('GET', `/audit-events?requestId=${answer.headers.get('x-request-id') ?? ''}`);
      return (body.data as { sourceAddress: string }[])[0]?.sourceAddress ?? '';
    }

    test('that it was not told of, it believes nobody', async () => {
      expect(await sourceOf(keyhold.url, '6.6.6.6')).toBe('127.0.0.1');
    });

    test('it believes as many as it was told of, counted from its own end', async () => {
      const [one, two] = await Promise.all([1, 2].map((hops) => keyhold.anotherNode({ KEYHOLD_TRUSTED_PROXY_HOPS: String(hops) })));
      expect(await sourceOf(one?.url ?? '', '6.6.6.6, 198.51.100.7')).toBe('198.51.100.7');
      expect(await sourceOf(two?.url ?? '', '6.6.6.6, 198.51.100.7, 10.0.0.1')).toBe('198.51.100.7');
    });
  });

  test('without its database it is alive, not ready, and says so to those who ask', async () => {
    const database = new URL(keyhold.database.adminUrl).pathname.slice(1);
    const server = new pg.Client({ connectionString: process.env['KEYHOLD_TEST_PG_URL'] });
    await server.connect();
    await server.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS false`);
    await server.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND usename = 'keyhold_app'`, [database]);
    expect(await keyhold.operator('GET', '/health/live')).toMatchObject({ status: 200, body: { status: 'live' } });
    expect(await keyhold.operator('GET', '/health/ready')).toMatchObject({
      status: 503,
      body: { status: 'not_ready', cause: 'database_unreachable' },
    });
    const refused = await acme.call('GET', '/items');
    expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable', retryAfterSeconds: 2 } });
    expect(refused.headers.get('retry-after')).toBe('2');
    await server.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS true`);
    expect(await acme.call('GET', '/items')).toMatchObject({ status: 200 });
    await server.end();
  });

  test('told to end, it finishes what it has, takes nothing more, and exits with 0', async () => {
    const node = await keyhold.anotherNode();
    const { hostname, port } = new URL(node.url);
    const socket = connect({ host: hostname, port: Number(port) });
    let answers = '';
    socket.setEncoding('latin1').on('data', (text: string) => (answers += text));
    const body = JSON.stringify({ kind: 'secret', name: 'late', payload: { a: 1 } });
    const head = `POST /v1/workspaces/${acme.id}/items HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${acme.token}\r\nContent-Type: application/json\r\n`;
    socket.write(`${head}Content-Length: ${Buffer.byteLength(body)}\r\nExpect: 100-continue\r\n\r\n`);
    while (!answers.includes('100 Continue')) await once(socket, 'data');
    const exited = node.stop('SIGTERM');
    await logged(node, '"msg":"stopping"');
    socket.write(body);
    await once(socket, 'close');
    expect(answers).toMatch(/HTTP\/1\.1 201 Created[^]*"name":"late"/);
    expect(await exited).toBe(0);
    await expect(fetch(`${node.url}/health/live`)).rejects.toThrow('fetch failed');
  });
});
