import { execFile, execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import { keyPolicy, permissionPolicy, trustPolicy } from '#aws';
import { REGIONS } from '../harness/customer.js';
import { describeWhen, isInstalled } from '../harness/installed.js';
import type { SandboxAccount } from '../harness/sandbox.js';
import { iamClient, kmsClient } from '../harness/sandbox-clients.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { CreateRoleCommand, GetRoleCommand, GetRolePolicyCommand } from '@aws-sdk/client-iam';
import { GetKeyPolicyCommand } from '@aws-sdk/client-kms';

jest.setTimeout(240_000);

interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

interface Values {
  accountId: string;
  keyId: string;
  roleArn: string;
}

/** What the script prints for people to copy. */
function valuesIn(stdout: string): Values {
  const [, accountId = '', keyId = '', roleArn = ''] =
    /^AWS account ID: (\S+)\nKMS key ID: (\S+)\nAWS role ARN: (\S+)\n$/.exec(stdout) ?? [];
  return { accountId, keyId, roleArn };
}

const documentIn = (text = ''): unknown => JSON.parse(decodeURIComponent(text));

describeWhen(isInstalled('The AWS command line', 'aws', ['--version']))('the script for the AWS command line', () => {
  let keyhold: Keyhold;
  let folder: string;
  let workspace: Workspace;
  let account: SandboxAccount;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    folder = await mkdtemp(join(tmpdir(), 'keyhold-cli-script-'));
    // Debian's command line knows no AWS_ENDPOINT_URL; a newer one needs nothing between it and the script.
    const real = execFileSync('bash', ['-c', 'command -v aws'], { encoding: 'utf8' }).trim();
    await writeFile(join(folder, 'aws'), `#!/bin/sh\nexec '${real}' --endpoint-url "$AWS_ENDPOINT_URL" "$@"\n`);
    await chmod(join(folder, 'aws'), 0o755);
  });
  afterAll(async () => {
    await keyhold.stop();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    await keyhold.sandbox.control.clearFaults();
    await keyhold.sandbox.control.clock({ transitionSeconds: 0 });
    [workspace, account] = await Promise.all([keyhold.aWorkspace(), keyhold.sandbox.control.createAccount()]);
    const { text } = await workspace.call('GET', '/aws-setup/cli');
    await writeFile(join(folder, 'setup.sh'), text);
  });

  const nameOfSetup = () => `keyhold-${workspace.id.slice(-12)}`;
  const iam = () => iamClient(keyhold.sandbox.url, account);

  /** As an administrator of the account runs it; nothing of this machine's own AWS settings reaches it. */
  function runScript(more: NodeJS.ProcessEnv = {}): Promise<Ran> {
    const env = {
      PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`,
      HOME: folder,
      AWS_ENDPOINT_URL: keyhold.sandbox.url,
      AWS_ACCESS_KEY_ID: account.accessKeyId,
      AWS_SECRET_ACCESS_KEY: account.secretAccessKey,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_MAX_ATTEMPTS: '1',
      ...more,
    };
    return new Promise((resolve) => {
      execFile('bash', [join(folder, 'setup.sh')], { env, timeout: 120_000 }, (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
      });
    });
  }

  /** What it asked AWS to make or change. */
  const changesDuring = async (work: () => Promise<Ran>) => {
    const { result, calls } = await keyhold.sandbox.control.callsDuring(work);
    return { ...result, changes: calls.map(({ operation = '' }) => operation).filter((operation) => !/^(?:Describe|Get)/.test(operation)) };
  };

  test('goes on where it failed with the same key, ends in a vault that passes registration, and makes nothing twice', async () => {
    const notYet = (operation: string) =>
      keyhold.sandbox.control.fault({
        operation,
        times: 1,
        fault: { kind: 'error', status: 400, code: 'AccessDeniedException', message: 'Not yet.' },
      });
    await notYet('ReplicateKey');
    const failed = await changesDuring(() => runScript());
    await notYet('PutRolePolicy');
    const failedAgain = await changesDuring(() => runScript());
    for (const { code, stdout, stderr } of [failed, failedAgain]) {
      expect({ code: code === 0, stdout }).toEqual({ code: false, stdout: '' });
      expect(stderr).toContain('Not yet.');
    }
    const done = await changesDuring(() => runScript());
    expect([failed, failedAgain, done].map(({ changes }) => changes)).toEqual([
      ['CreateKey', 'CreateAlias', 'ReplicateKey'],
      ['ReplicateKey', 'CreateAlias', 'CreateRole', 'PutRolePolicy'],
      ['UpdateAssumeRolePolicy', 'PutRolePolicy'],
    ]);
    const values = valuesIn(done.stdout);
    expect(values).toEqual({
      accountId: account.accountId,
      keyId: expect.stringMatching(/^mrk-[0-9a-f]{32}$/),
      roleArn: `arn:aws:iam::${account.accountId}:role/${nameOfSetup()}`,
    });
    expect(failed.stderr).toContain(values.keyId);

    const created = await workspace.call('POST', '/vaults', { name: 'From the script', strategy: 'aws-kms', awsKms: values });
    expect(created).toMatchObject({ status: 201, body: { vault: { keyHealth: 'healthy' }, report: { ok: true } } });
    const { checks } = created.body.report as { checks: { cause?: string }[] };
    expect(checks.filter(({ cause }) => cause !== undefined)).toEqual([]);
    await expectOurPolicies(values.keyId);

    const again = await changesDuring(() => runScript());
    expect(again).toMatchObject({ code: 0, stdout: done.stdout, changes: done.changes });
  });

  /** Those of the role are ours to the letter, and the key is left to the account's own. */
  async function expectOurPolicies(keyId: string): Promise<void> {
    const { Role } = await iam().send(new GetRoleCommand({ RoleName: nameOfSetup() }));
    const { principalArn } = keyhold.platform;
    expect(documentIn(Role?.AssumeRolePolicyDocument)).toEqual(trustPolicy({ principalArn, externalId: workspace.id }));
    const { PolicyDocument } = await iam().send(new GetRolePolicyCommand({ RoleName: nameOfSetup(), PolicyName: 'use-vault-key' }));
    const arns = [REGIONS.main, REGIONS.replica].map((region) => `arn:aws:kms:${region}:${account.accountId}:key/${keyId}`);
    expect(documentIn(PolicyDocument)).toEqual(permissionPolicy({ keyArns: arns }));
    for (const region of [REGIONS.main, REGIONS.replica]) {
      const { Policy = '' } = await kmsClient(keyhold.sandbox.url, region, account).send(new GetKeyPolicyCommand({ KeyId: keyId }));
      expect(JSON.parse(Policy)).toEqual(keyPolicy({ accountRootArn: `arn:aws:iam::${account.accountId}:root` }));
    }
  }

  test('takes a refusal to look for no answer', async () => {
    const denied = { kind: 'error' as const, status: 400, code: 'AccessDeniedException', message: 'You may not look.' };
    await keyhold.sandbox.control.fault({ operation: 'DescribeKey', fault: denied });
    const { code, stdout, stderr, changes } = await changesDuring(() => runScript());
    expect({ code, stdout, changes }).toEqual({ code: 1, stdout: '', changes: [] });
    expect(stderr).toContain('You may not look.');
  });

  test('leaves a role alone that it did not make', async () => {
    const trust = JSON.stringify(trustPolicy({ principalArn: account.accountId, externalId: 'theirs' }));
    await iam().send(new CreateRoleCommand({ RoleName: 'deploy', AssumeRolePolicyDocument: trust, Description: 'Ours' }));
    const { code, stdout, stderr, changes } = await changesDuring(() => runScript({ KEYHOLD_NAME: 'deploy' }));
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('There is another role deploy');
    expect(changes).toEqual([]);
  });

  test.each([' ', 'a b', "x'; touch /tmp/x #", 'a'.repeat(65), '../x'])('asks AWS nothing under the name %j', async (name) => {
    const { code, changes } = await changesDuring(() => runScript({ KEYHOLD_NAME: name }));
    expect({ code, changes }).toEqual({ code: 1, changes: [] });
  });
});
