import { DisableKeyCommand, EnableKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandOf } from './command-of.mjs';
import { startPostgres } from './pg.mjs';
import { StartedKeyhold, freePorts } from './started-keyhold.mjs';

jest.setTimeout(120_000);

const folders: string[] = [];
const runs: StartedKeyhold[] = [];

function newFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'keyhold-start-'));
  folders.push(dir);
  return dir;
}

function run(dir: string, env: Record<string, string>): StartedKeyhold {
  const started = new StartedKeyhold(dir, env);
  runs.push(started);
  return started;
}

async function readyRun(dir: string, env: Record<string, string>): Promise<StartedKeyhold> {
  const started = run(dir, env);
  await started.ready();
  return started;
}

const alive = (pids: number[]) => pids.map((pid) => commandOf(pid)).filter((command) => command !== undefined);

afterAll(async () => {
  await Promise.all(runs.map((started) => started.end('SIGTERM')));
  for (const dir of folders) rmSync(dir, { recursive: true });
});

describe('npm start', () => {
  const dir = newFolder();
  let env: Record<string, string>;
  let keyhold: StartedKeyhold;

  beforeAll(async () => {
    env = await freePorts();
    keyhold = run(dir, env);
    console.log(`figure: first start on an empty data folder = ${(await keyhold.ready()).toFixed(1)} s`);
  });

  const secretFile = (name: string) => readFileSync(join(dir, 'secrets', name), 'utf8');
  const secretTexts = () => [
    keyhold.quickstart().apiKey,
    ...['operator-token', 'database-administrator', 'database-owner', 'database-service', 'database-worker'].map(secretFile),
    ...['platform-account.json', 'customer-account.json'].flatMap((name) => secretFile(name).match(/(?<=secretAccessKey": ")[^"]+/g) ?? []),
  ];
  const customerKms = (region: string) => {
    const { root } = JSON.parse(secretFile('customer-account.json'));
    return new KMSClient({ region, endpoint: keyhold.quickstart().sandboxUrl, credentials: root });
  };

  test('says step by step what it did, to the item that came back as it was sealed', () => {
    const steps = keyhold.output.match(/✔ (?:\S+ ){1,2}/g);
    expect(steps?.slice(-5)).toEqual([
      '✔ Demo workspace ',
      '✔ Customer role ',
      '✔ Vault "Customer ',
      expect.stringMatching(/^✔ Item /),
      '✔ Item unsealed, ',
    ]);
    expect(keyhold.output).toContain('the same as was sealed');
    expect(keyhold.output).not.toContain('\x1b');
  });

  test('writes quickstart.json with everything later commands need, for its owner only', () => {
    const uuid = expect.stringMatching(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(keyhold.quickstart()).toEqual({
      url: `http://127.0.0.1:${env['KEYHOLD_PORT'] ?? ''}`,
      sandboxUrl: `http://127.0.0.1:${env['KEYHOLD_SANDBOX_PORT'] ?? ''}`,
      workspaceId: uuid,
      apiKey: expect.stringMatching(/^\S{40,}$/),
      customer: {
        accountId: expect.stringMatching(/^\d{12}$/),
        keyId: expect.stringMatching(/^mrk-[0-9a-f]{32}$/),
        roleArn: expect.stringMatching(/^arn:aws:iam::\d{12}:role\/\S+$/),
      },
      vaultId: uuid,
      itemId: uuid,
    });
    expect(statSync(join(dir, 'quickstart.json')).mode & 0o777).toBe(0o600);
  });

  test('prints three curl commands that list the vault, seal an item and unseal the first one', () => {
    const commands = keyhold.output.split('\n').filter((line) => line.trim().startsWith('curl '));
    expect(commands).toHaveLength(3);
    const answers = commands.map((command) => spawnSync('sh', ['-c', command], { encoding: 'utf8' }).stdout);
    const [vaults, sealed, unsealed] = answers.map((answer) => JSON.parse(answer) as Record<string, unknown>);
    expect(vaults['data']).toContainEqual(
      expect.objectContaining({ id: keyhold.quickstart().vaultId, strategy: 'aws-kms', keyHealth: 'healthy' }),
    );
    expect(sealed).toMatchObject({ name: 'My first secret', vaultId: keyhold.quickstart().vaultId, version: 1 });
    expect(unsealed).toMatchObject({ id: keyhold.quickstart().itemId, payload: { username: 'ada@example.com' } });
  });

  test('serves the page that documents the API', async () => {
    const response = await fetch(`${keyhold.quickstart().url}/v1/docs`);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, expect.stringContaining('text/html')]);
  });

  test.each([
    ['API', 'KEYHOLD_METRICS_PORT', 'keyhold_http_request_seconds'],
    ['worker', 'KEYHOLD_WORKER_METRICS_PORT', 'keyhold_vault_keys'],
  ])('tells Prometheus of the %s on a port of its own, and says where', async (_what, variable, metric) => {
    const address = `http://127.0.0.1:${env[variable] ?? ''}/metrics`;
    expect(keyhold.output).toContain(address);
    expect(await (await fetch(address)).text()).toContain(metric);
  });

  test('puts no secret into its output, a log or a command line', () => {
    const secrets = secretTexts();
    const logs = readdirSync(join(dir, 'logs')).map((name) => readFileSync(join(dir, 'logs', name), 'utf8'));
    const shown = [keyhold.output, ...logs, ...alive(keyhold.pids())].join('\n');
    expect(secrets.filter((secret) => secret.length >= 40)).toHaveLength(9);
    expect(secrets.filter((secret) => shown.includes(secret))).toEqual([]);
  });

  test('refuses a second run on the same folder and leaves the first alone', async () => {
    const second = run(dir, await freePorts());
    expect(await second.exit).toBe(1);
    expect(second.output).toMatch(/^Keyhold runs already on the folder .* \(process \d+\); stop it or set KEYHOLD_DATA_DIR\.\n$/);
    expect((await fetch(`${keyhold.quickstart().url}/health/ready`)).status).toBe(200);
  });

  test.each(['KEYHOLD_PORT', 'KEYHOLD_SANDBOX_PORT', 'KEYHOLD_PG_PORT', 'KEYHOLD_METRICS_PORT', 'KEYHOLD_WORKER_METRICS_PORT'])(
    'names the port and %s in one sentence when it is taken',
    async (variable) => {
      const ports = await freePorts();
      const server = createServer().listen(Number(ports[variable]), '127.0.0.1');
      const refused = run(newFolder(), ports);
      expect(await refused.exit).toBe(1);
      server.close();
      expect(refused.output).toBe(`Port ${ports[variable] ?? ''} on 127.0.0.1 is taken; free it or set ${variable} to another one.\n`);
    },
  );

  test('ends with 0 on Ctrl-C, leaving no process', async () => {
    const pids = keyhold.pids();
    expect(alive(pids).length).toBeGreaterThanOrEqual(5);
    expect(await keyhold.end('SIGINT')).toBe(0);
    expect(alive(pids)).toEqual([]);
    expect(keyhold.output).toMatch(/Stopped\.\n$/);
  });

  test('serves the same workspace, vault and item at the second start', async () => {
    const before = keyhold.quickstart();
    keyhold = run(dir, env);
    console.log(`figure: second start = ${(await keyhold.ready()).toFixed(1)} s`);
    expect(keyhold.quickstart()).toEqual(before);
    expect(keyhold.output).toContain('the same as was sealed');
  });

  test('recovers from its own violent end', async () => {
    const [before, leftBehind] = [keyhold.quickstart(), keyhold.pids()];
    expect(await keyhold.end('SIGKILL')).toBe('SIGKILL');
    expect(alive(leftBehind).length).toBeGreaterThan(0);
    keyhold = await readyRun(dir, env);
    expect(alive(leftBehind)).toEqual([]);
    expect(keyhold.quickstart()).toEqual(before);
  });

  test('stops everything when a service dies, and says which and why', async () => {
    const pids = keyhold.pids();
    process.kill(keyhold.pidOf('apps/api/src/main.js'), 'SIGKILL');
    expect(await keyhold.exit).toBe(1);
    expect(keyhold.output).toMatch(/api ended \(SIGKILL\)\. The last lines of \S+api\.log:\n {4}\S.+request/s);
    expect(alive(pids)).toEqual([]);
  });

  test('explains a key that the customer has switched off, and serves all the same', async () => {
    keyhold = await readyRun(dir, env);
    const { keyId } = keyhold.quickstart().customer;
    for (const region of ['us-east-2', 'us-west-2']) await customerKms(region).send(new DisableKeyCommand({ KeyId: keyId }));
    await keyhold.end('SIGTERM');
    const before = keyhold.quickstart();

    keyhold = await readyRun(dir, env);
    expect(keyhold.output).toMatch(/✖ Item not unsealed: .*vault_key_refused.*DisabledException/s);
    expect(keyhold.quickstart()).toEqual(before);

    for (const region of ['us-east-2', 'us-west-2']) await customerKms(region).send(new EnableKeyCommand({ KeyId: keyId }));
  });

  test('gives the workspace a new vault when the sandbox has lost its accounts', async () => {
    const before = keyhold.quickstart();
    await keyhold.end('SIGINT');
    rmSync(join(dir, 'sandbox'), { recursive: true });
    keyhold = await readyRun(dir, env);
    const after = keyhold.quickstart();
    expect(after.workspaceId).toBe(before.workspaceId);
    expect(after.customer.accountId).not.toBe(before.customer.accountId);
    expect(keyhold.output).toContain('the same as was sealed');
  });
});

describe('npm start with KEYHOLD_DATABASE_URL', () => {
  test('uses that PostgreSQL, starts none, and keeps the administrator to itself', async () => {
    const server = await startPostgres({ password: 'administrators-own' });
    const keyhold = await readyRun(newFolder(), { ...(await freePorts()), KEYHOLD_DATABASE_URL: server.url });

    const commands = alive(keyhold.pids());
    expect(commands.filter((command) => command.includes('bin/postgres'))).toEqual([]);
    const environment = readFileSync(`/proc/${keyhold.pidOf('apps/api/src/main.js')}/environ`, 'utf8');
    expect(environment).toContain(`KEYHOLD_DATABASE_URL=postgres://keyhold_app:`);
    expect(environment).not.toContain('administrators-own');

    expect(await keyhold.end('SIGINT')).toBe(0);
    await server.stop();
  });

  test('says in a sentence that the server cannot be reached, and leaves nothing running', async () => {
    const ports = await freePorts();
    const refused = run(newFolder(), { ...ports, KEYHOLD_DATABASE_URL: 'postgres://admin:hunter2@127.0.0.1:1/postgres' });
    expect(await refused.exit).toBe(1);
    expect(refused.output).toMatch(/PostgreSQL at 127\.0\.0\.1:1 cannot be used as admin: connect ECONNREFUSED 127\.0\.0\.1:1\n$/);
    expect(refused.output).not.toContain('hunter2');
    await expect(fetch(`http://127.0.0.1:${ports.KEYHOLD_SANDBOX_PORT}/_sandbox/health`)).rejects.toThrow('fetch failed');
  });
});
