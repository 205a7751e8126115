import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GetPublicKeyCommand,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type RunningSandbox, SANDBOX_MAIN, startSandbox } from '../harness/sandbox.js';
import {
  type Account,
  aKey,
  anAccount,
  aRole,
  assume,
  aUser,
  clientsFor,
  OAEP,
  OTHER,
  refusalOf,
  statement,
  trust,
} from './sandbox-account.js';

let dataDir: string;
let sandbox: RunningSandbox;
let account: Account;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'keyhold-sandbox-'));
  sandbox = await startSandbox({ dataDir });
  account = await anAccount(sandbox);
});
afterEach(async () => {
  await sandbox.stop();
  await rm(dataDir, { recursive: true });
});

/** The same account's clients at the sandbox that runs now. */
const again = () => ({ ...account, ...clientsFor(sandbox.url, account.credentials) });

async function restart(): Promise<void> {
  await sandbox.stop();
  sandbox = await startSandbox({ dataDir });
}

describe('a sandbox with a directory', () => {
  it('remembers keys, replicas, policies, sessions, clock and trails over a restart', async () => {
    const keyId = await aKey(account.kms());
    await account.kms().send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: OTHER }));
    const user = await aUser(sandbox.url, account, 'someone', statement('sts:AssumeRole'));
    const RoleArn = await aRole(account, 'reader', trust(`arn:aws:iam::${account.accountId}:user/someone`), statement('kms:Decrypt'));
    const session = await assume(sandbox.url, user, { RoleArn, RoleSessionName: 'before' });
    const input = { KeyId: keyId, EncryptionAlgorithm: OAEP } as const;
    const { CiphertextBlob } = await account.kms().send(new EncryptCommand({ ...input, Plaintext: Buffer.from('kept') }));
    await sandbox.control.clock({ offsetSeconds: 60 });
    await restart();
    const opened = await clientsFor(sandbox.url, session.credentials)
      .kms(OTHER)
      .send(new DecryptCommand({ ...input, CiphertextBlob }));
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('kept');
    const { Events = [] } = await again().trail().send(new LookupEventsCommand({}));
    expect(Events.map(({ EventName }) => EventName)).toEqual(
      expect.arrayContaining(['CreateKey', 'ReplicateKey', 'Encrypt', 'AssumeRole']),
    );
    const clock = await fetch(new URL('/_sandbox/clock', sandbox.url));
    expect(await clock.json()).toMatchObject({ offsetSeconds: 60 });
    expect(
      await refusalOf(
        clientsFor(sandbox.url, session.credentials)
          .kms()
          .send(new EncryptCommand({ ...input, Plaintext: Buffer.from('x') })),
      ),
    ).toContain('no identity-based policy allows the kms:Encrypt action');
  });

  it('has saved what it answered, even when it is killed the next moment', async () => {
    const keyId = await aKey(account.kms());
    await account.kms().send(new ScheduleKeyDeletionCommand({ KeyId: keyId, PendingWindowInDays: 7 }));
    await sandbox.kill();
    sandbox = await startSandbox({ dataDir });
    const { KeyMetadata } = await again()
      .kms()
      .send(new DescribeKeyCommand({ KeyId: keyId }));
    expect(KeyMetadata?.KeyState).toBe('PendingDeletion');
  });

  it('draws no key pair twice, restarts included', async () => {
    const pair = async (of: Account) => {
      const { PublicKey } = await of.kms().send(new GetPublicKeyCommand({ KeyId: await aKey(of.kms()) }));
      return Buffer.from(PublicKey ?? []).toString('base64');
    };
    const first = await pair(account);
    await restart();
    expect(await pair(again())).not.toBe(first);
  });

  it('keeps its files to itself', async () => {
    await sandbox.stop();
    for (const name of await readdir(dataDir)) expect((await stat(join(dataDir, name))).mode & 0o777).toBe(0o600);
    expect((await readdir(dataDir)).sort()).toEqual(['state.json', 'trail.jsonl']);
    sandbox = await startSandbox({ dataDir });
  });

  it('forgets everything on reset, for good', async () => {
    await sandbox.control.reset();
    await restart();
    expect(await refusalOf(again().sts().send(new GetCallerIdentityCommand({})))).toContain(
      'The security token included in the request is invalid.',
    );
  });
});

describe('the process', () => {
  it('says in one sentence that its port is taken', async () => {
    const { port } = new URL(sandbox.url);
    const second = spawn(process.execPath, [SANDBOX_MAIN], { env: { KEYHOLD_SANDBOX_PORT: port }, stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    second.stderr.on('data', (text: Buffer) => (errors += text.toString()));
    const [code] = (await once(second, 'close')) as [number];
    expect([code, errors]).toEqual([1, `aws-sandbox: port ${port} is taken; set KEYHOLD_SANDBOX_PORT to a free one.\n`]);
  });

  it('ends at once when told, whatever hangs', async () => {
    await sandbox.control.fault({ fault: { kind: 'hang' } });
    const hanging = refusalOf(account.kms().send(new DescribeKeyCommand({ KeyId: 'x' })));
    await sandbox.control.ledger();
    await sandbox.stop();
    expect(await hanging).not.toBe('no refusal');
    sandbox = await startSandbox({ dataDir });
  });

  it('refuses a body of more than a mebibyte without reading it', async () => {
    const { hostname, port } = new URL(sandbox.url);
    const socket = connect(Number(port), hostname);
    socket.write(`POST / HTTP/1.1\r\nHost: ${hostname}\r\nContent-Length: 1048577\r\n\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 413 /);
    socket.destroy();
  });

  it('sends its own time as Date, and a request id', async () => {
    await sandbox.control.clock({ offsetSeconds: 3600 });
    const { headers, status } = await fetch(sandbox.url, { method: 'POST' });
    expect(status).toBe(404);
    expect(Math.round((Date.parse(headers.get('date') ?? '') - Date.now()) / 3_600_000)).toBe(1);
    expect(headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  });
});
