import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  EnableKeyCommand,
  DisableKeyCommand,
  GetPublicKeyCommand,
} from '@aws-sdk/client-kms';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type RunningSandbox, type SandboxFault, startSandbox } from '../harness/sandbox.js';
import { type Account, aKey, anAccount, MAIN, OAEP, OTHER, refusalOf } from './sandbox-account.js';

let sandbox: RunningSandbox;
let account: Account;
let keyId: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  account = await anAccount(sandbox);
  keyId = await aKey(account.kms());
});
beforeEach(() => sandbox.control.clearFaults());
afterAll(() => sandbox.stop());

const describeKey = (region = MAIN) => account.kms(region).send(new DescribeKeyCommand({ KeyId: keyId }));
/** A call that is given up after a moment in which any answer would have come. */
const impatient = () => refusalOf(account.kms().send(new DescribeKeyCommand({ KeyId: keyId }), { abortSignal: AbortSignal.timeout(300) }));
const outcomes = async (since: number) => (await sandbox.control.ledger(since)).calls.map(({ outcome }) => outcome);

describe('a fault', () => {
  it.each<[SandboxFault, RegExp]>([
    [{ kind: 'throttle' }, /^ThrottlingException: You have exceeded the rate at which you may call KMS\./],
    [{ kind: 'error', status: 500, code: 'KMSInternalException', message: 'inside' }, /^KMSInternalException: inside$/],
    [{ kind: 'error', status: 503, code: 'ServiceUnavailable' }, /^ServiceUnavailable: /],
    [{ kind: 'reset' }, /ECONNRESET|socket hang up/],
    [{ kind: 'garbage' }, /^SyntaxError: /],
    [{ kind: 'html' }, /^SyntaxError: /],
  ])('answers as ordered: %j', async (fault, expected) => {
    const { lastSeq } = await sandbox.control.ledger();
    const lift = await sandbox.control.fault({ region: MAIN, service: 'kms', fault });
    expect(await refusalOf(describeKey())).toMatch(expected);
    expect(await outcomes(lastSeq)).toEqual([`fault:${fault.kind}`]);
    await lift();
    expect(await refusalOf(describeKey())).toBe('no refusal');
  });

  it.each<SandboxFault>([{ kind: 'hang' }, { kind: 'black-hole' }, { kind: 'slow-drip' }, { kind: 'latency', ms: 10_000 }])(
    'keeps the client waiting: %j',
    async (fault) => {
      const { lastSeq } = await sandbox.control.ledger();
      await sandbox.control.fault({ fault });
      expect(await impatient()).toMatch(/^AbortError: /);
      const [call] = (await sandbox.control.ledger(lastSeq)).calls;
      expect(call).toMatchObject({ service: 'kms', operation: 'DescribeKey', region: MAIN, accountId: account.accountId, keyId });
    },
  );

  it('lies about the key', async () => {
    await sandbox.control.fault({ fault: { kind: 'wrong-key-id' } });
    const answer = await account.kms().send(new GetPublicKeyCommand({ KeyId: keyId }));
    expect(answer.KeyId).not.toContain(keyId);
    expect(answer.KeyId).toMatch(/:key\/mrk-[0-9a-f]{32}$/);
    expect((await describeKey()).KeyMetadata?.KeyId).not.toBe(keyId);
  });

  it('lies about the plaintext', async () => {
    const input = { KeyId: keyId, EncryptionAlgorithm: OAEP } as const;
    const { CiphertextBlob } = await account.kms().send(new EncryptCommand({ ...input, Plaintext: Buffer.from('true') }));
    await sandbox.control.fault({ operation: 'Decrypt', fault: { kind: 'wrong-plaintext' } });
    const { Plaintext } = await account.kms().send(new DecryptCommand({ ...input, CiphertextBlob }));
    expect(Plaintext).toHaveLength(4);
    expect(Buffer.from(Plaintext ?? []).toString()).not.toBe('true');
  });

  it('meets only the Region, service, operation, account and key it is for', async () => {
    const other = await anAccount(sandbox);
    const otherKey = await aKey(other.kms());
    const reset = { fault: { kind: 'reset' } } as const;
    const misses = [
      { ...reset, region: OTHER },
      { ...reset, service: 'sts' },
      { ...reset, operation: 'Decrypt' },
      { ...reset, accountId: other.accountId },
      { ...reset, keyId: otherKey },
    ] as const;
    for (const miss of misses) await sandbox.control.fault(miss);
    expect(await refusalOf(describeKey())).toBe('no refusal');
    expect(await refusalOf(account.sts().send(new GetCallerIdentityCommand({})))).toMatch(/ECONNRESET|socket hang up/);
    await sandbox.control.fault({ ...reset, region: MAIN, service: 'kms', operation: 'DescribeKey', accountId: account.accountId, keyId });
    expect(await refusalOf(describeKey())).toMatch(/ECONNRESET|socket hang up/);
  });

  it('ends after the number of calls it is for', async () => {
    await sandbox.control.fault({ times: 2, fault: { kind: 'throttle' } });
    const seen = [await refusalOf(describeKey()), await refusalOf(describeKey()), await refusalOf(describeKey())];
    expect(seen.map((text) => text.split(':')[0])).toEqual(['ThrottlingException', 'ThrottlingException', 'no refusal']);
  });

  it('comes before the operation takes effect, or after it when ordered so', async () => {
    const state = async () => (await describeKey()).KeyMetadata?.KeyState;
    const disable = () => refusalOf(account.kms().send(new DisableKeyCommand({ KeyId: keyId })));
    await sandbox.control.fault({ operation: 'DisableKey', times: 1, fault: { kind: 'reset' } });
    await disable();
    expect(await state()).toBe('Enabled');
    await sandbox.control.fault({ operation: 'DisableKey', times: 1, when: 'after', fault: { kind: 'reset' } });
    await disable();
    expect(await state()).toBe('Disabled');
    await account.kms().send(new EnableKeyCommand({ KeyId: keyId }));
  });

  it('throttles STS in its own words', async () => {
    await sandbox.control.fault({ service: 'sts', fault: { kind: 'throttle' } });
    expect(await refusalOf(account.sts().send(new GetCallerIdentityCommand({})))).toBe('Throttling: Rate exceeded');
  });
});

describe('the control API', () => {
  const ask = (path: string, init: RequestInit = {}) => fetch(new URL(`/_sandbox/${path}`, sandbox.url), init);
  const refused = async (path: string, body: unknown, method = 'POST') => {
    const response = await ask(path, { method, body: JSON.stringify(body) });
    return `${response.status} ${((await response.json()) as { error: string }).error}`;
  };

  it('is alive', async () => {
    expect(await (await ask('health')).json()).toEqual({ status: 'ok' });
  });

  it('refuses what it does not understand, and says what', async () => {
    expect(await refused('faults', { regoin: MAIN, fault: { kind: 'hang' } })).toMatch(/^400 .*unknown field 'regoin'/);
    expect(await refused('faults', { fault: { kind: 'sleepy' } })).toMatch(/^400 'kind' has to be one of: latency, hang/);
    expect(await refused('faults', { fault: { kind: 'latency' } })).toMatch(/^400 /);
    expect(await refused('faults', { region: 'mars-1', fault: { kind: 'hang' } })).toBe("400 'mars-1' is no Region.");
    expect(await refused('clock', { offset: 1 }, 'PUT')).toMatch(/^400 .*unknown field 'offset'/);
    expect(await refused('nothing', {})).toBe('404 There is no such control.');
    expect((await ask('accounts', { method: 'POST', body: '{' })).status).toBe(400);
  });

  it('makes an account once', async () => {
    expect(await refused('accounts', { accountId: account.accountId })).toBe(`409 The account ${account.accountId} exists already.`);
  });

  it('answers to no web page', async () => {
    expect((await ask('health', { headers: { origin: 'https://example.com' } })).status).toBe(403);
  });
});

describe('the ledger', () => {
  it('tells who called what, and how it ended, from a number on', async () => {
    const { lastSeq } = await sandbox.control.ledger();
    const { $metadata } = await describeKey();
    await refusalOf(account.kms().send(new DescribeKeyCommand({ KeyId: 'nothing' })));
    const { calls } = await sandbox.control.ledger(lastSeq);
    expect(calls).toMatchObject([
      {
        seq: lastSeq + 1,
        service: 'kms',
        operation: 'DescribeKey',
        region: MAIN,
        accountId: account.accountId,
        callerArn: `arn:aws:iam::${account.accountId}:root`,
        accessKeyId: account.credentials.accessKeyId,
        keyId,
        requestId: $metadata.requestId,
        outcome: 'ok',
        httpStatus: 200,
      },
      { seq: lastSeq + 2, outcome: 'NotFoundException', httpStatus: 400 },
    ]);
  });

  it('empties on demand and goes on counting', async () => {
    const { lastSeq } = await sandbox.control.ledger();
    await sandbox.control.clearLedger();
    expect(await sandbox.control.ledger()).toEqual({ calls: [], lastSeq });
  });
});
