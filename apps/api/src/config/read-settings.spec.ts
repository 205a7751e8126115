import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ConfigError } from '#settings';
import { documentedSettings, settingsToDocument } from '../../../../libs/settings/src/testing/documented-settings.js';
import { CONFIG_PROPERTIES, Config } from './config.js';
import { readSettings } from './read-settings.js';
import { SECRET_PROPERTIES } from './secrets.js';

const ROOT_KEY = randomBytes(32);
const GOOD = {
  KEYHOLD_DATABASE_URL: 'postgres://keyhold_app:a-password-of-its-own@127.0.0.1:5432/keyhold',
  KEYHOLD_ROOT_KEY: ROOT_KEY.toString('base64'),
  KEYHOLD_OPERATOR_TOKEN_SHA256: 'ab'.repeat(32),
  KEYHOLD_AWS_PRINCIPAL_ARN: 'arn:aws:iam::111122223333:role/keyhold',
};

const read = (changes: NodeJS.ProcessEnv = {}, started: { nodeOptions?: string[]; inspectorUrl?: string } = {}) =>
  readSettings({ environment: { ...GOOD, ...changes }, nodeOptions: [], inspectorUrl: undefined, ...started });

/** The sentences with which a start is refused. */
function refusals(changes: NodeJS.ProcessEnv, started?: { nodeOptions?: string[]; inspectorUrl?: string }): readonly string[] {
  try {
    read(changes, started);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('settings', () => {
  test('need four variables; everything else has a value', () => {
    const { config, secrets } = read();
    expect(config).toEqual({
      port: 8420,
      deploymentId: 'keyhold',
      host: '127.0.0.1',
      awsPrincipalArn: GOOD.KEYHOLD_AWS_PRINCIPAL_ARN,
      awsPrincipalMode: 'ambient',
      mainRegion: 'us-east-2',
      replicaRegion: 'us-west-2',
      privateIssuerOrigins: [],
      trustedProxyHops: 0,
      logLevel: 'info',
      metricsPort: 0,
      metricsHost: '127.0.0.1',
      privateWebhookOrigins: [],
      databasePool: 8,
      registrationSettleSeconds: 0,
      triesPerAddress: 100,
      triesPerWorkspace: 1_000,
      requestsPerSecond: 500,
      requestsBurst: 1_000,
      requestsAtOnce: 64,
      megabytesPerMinute: 256,
      boxesPerWorkspace: 1_000,
    });
    expect(secrets).toEqual({
      databaseUrl: GOOD.KEYHOLD_DATABASE_URL,
      rootKey: ROOT_KEY,
      operatorTokenSha256: Buffer.alloc(32, 0xab),
    });
  });

  test('are all on their page, with their defaults, and no others', () => {
    const properties = [...CONFIG_PROPERTIES, ...SECRET_PROPERTIES];
    expect(documentedSettings('API')).toEqual(settingsToDocument(properties, new Config()));
  });

  test('cannot be changed afterwards', () => {
    const settings = read();
    expect([settings, settings.config, settings.secrets].every(Object.isFrozen)).toBe(true);
  });

  test('are what was given', () => {
    const { config, secrets } = read({
      KEYHOLD_PORT: '80',
      KEYHOLD_HOST: '0.0.0.0',
      KEYHOLD_AWS_PRINCIPAL_MODE: 'assume',
      KEYHOLD_AWS_ENDPOINT: 'http://localhost:8421',
      KEYHOLD_AWS_ACCESS_KEY_ID: 'AKIAUSED',
      KEYHOLD_AWS_SECRET_ACCESS_KEY: 'secret-of-it',
      KEYHOLD_MAIN_REGION: 'eu-central-1',
      KEYHOLD_REPLICA_REGION: 'eu-west-1',
      KEYHOLD_TRUSTED_PROXY_HOPS: '2',
      KEYHOLD_LOG_LEVEL: 'debug',
      KEYHOLD_DATABASE_POOL: '16',
      KEYHOLD_REGISTRATION_SETTLE_SECONDS: '30',
      KEYHOLD_PUBLIC_URL: 'https://keyhold.example',
      KEYHOLD_PRIVATE_ISSUER_ORIGINS: 'https://login.corp.example, https://127.0.0.1:3000',
    });
    expect(config).toMatchObject({ port: 80, host: '0.0.0.0', awsPrincipalMode: 'assume', awsEndpoint: 'http://localhost:8421' });
    expect(config).toMatchObject({ mainRegion: 'eu-central-1', replicaRegion: 'eu-west-1', trustedProxyHops: 2, logLevel: 'debug' });
    expect(config).toMatchObject({ databasePool: 16, registrationSettleSeconds: 30 });
    expect(config).toMatchObject({ publicUrl: 'https://keyhold.example' });
    expect(config.privateIssuerOrigins).toEqual(['https://login.corp.example', 'https://127.0.0.1:3000']);
    expect(secrets.awsCredentials).toEqual({ accessKeyId: 'AKIAUSED', secretAccessKey: 'secret-of-it' });
  });

  test('take an empty variable for one that is not set', () => {
    expect(read({ KEYHOLD_PORT: '', KEYHOLD_AWS_ENDPOINT: '' }).config).toMatchObject({ port: 8420 });
  });

  test('let stand what belongs to other processes of the installation', () => {
    expect(refusals({ KEYHOLD_SANDBOX_PORT: '8421', KEYHOLD_PG_PORT: '8422', KEYHOLD_DATA_DIR: '.keyhold' })).toEqual([]);
  });

  test.each([
    ['one role', 'arn:aws:iam::111122223333:role/a', 'arn:aws:iam::111122223333:role/a'],
    ['roles of two accounts', 'arn:aws:iam::111122223333:role/a', 'arn:aws:iam::444455556666:role/b'],
  ])('refuse %s to use and to administer managed keys', (_what, user, administrator) => {
    const roles = { KEYHOLD_MANAGED_KEY_USER_ROLE_ARN: user, KEYHOLD_MANAGED_KEY_ADMINISTRATOR_ROLE_ARN: administrator };
    expect(refusals(roles)).toEqual([expect.stringContaining('two roles of one account')]);
  });

  test.each([
    ['KEYHOLD_PORT', '70000', 'a whole number from 0 to 65535'],
    ['KEYHOLD_PORT', '8e3', 'a whole number'],
    ['KEYHOLD_PORT', ' 80', 'a whole number'],
    ['KEYHOLD_HOST', 'here and there', 'the address to listen on'],
    ['KEYHOLD_AWS_PRINCIPAL_ARN', 'arn:aws:iam::111122223333:root', 'the ARN that customers let in'],
    ['KEYHOLD_AWS_PRINCIPAL_MODE', 'guess', '"ambient" when'],
    ['KEYHOLD_AWS_ENDPOINT', 'file:///etc/passwd', 'the http or https address of the sandbox'],
    ['KEYHOLD_MAIN_REGION', 'us-east-1.evil.example', 'one of us-east-1'],
    ['KEYHOLD_REPLICA_REGION', 'US-WEST-2', 'one of us-east-1'],
    ['KEYHOLD_REPLICA_REGION', 'us-east-2', 'another Region than KEYHOLD_MAIN_REGION'],
    ['KEYHOLD_MANAGED_KEY_USER_ROLE_ARN', 'arn:aws:iam::111122223333:role/user', 'set both, or neither'],
    ['KEYHOLD_MANAGED_KEY_ADMINISTRATOR_ROLE_ARN', 'arn:aws:iam::111122223333:role/administrator', 'set both, or neither'],
    ['KEYHOLD_PUBLIC_URL', 'https://keyhold.example/', 'the https address at which browsers reach'],
    ['KEYHOLD_PUBLIC_URL', 'keyhold.example', 'the https address at which browsers reach'],
    ['KEYHOLD_PUBLIC_URL', 'ftp://keyhold.example', 'the https address at which browsers reach'],
    ['KEYHOLD_PRIVATE_ISSUER_ORIGINS', 'https://login.corp.example/realm', 'origins of identity providers'],
    ['KEYHOLD_PRIVATE_ISSUER_ORIGINS', 'http://127.0.0.1:3000', 'https origins of identity providers'],
    ['KEYHOLD_PRIVATE_ISSUER_ORIGINS', 'https://a.example,,https://b.example', 'origins of identity providers'],
    ['KEYHOLD_TRUSTED_PROXY_HOPS', '-1', 'a whole number from 0 to 10'],
    ['KEYHOLD_LOG_LEVEL', 'loud', 'one of fatal'],
    ['KEYHOLD_DATABASE_POOL', '0', 'a whole number from 1 to 200'],
    ['KEYHOLD_REGISTRATION_SETTLE_SECONDS', '301', 'a whole number from 0 to 300'],
    ['KEYHOLD_DEPLOYMENT_ID', 'Key hold', 'a name of this deployment'],
    ['KEYHOLD_WORKSPACE_HOST_SUFFIX', '.vault.example.com', 'a host name in lower case'],
    ['KEYHOLD_TRIES_PER_ADDRESS', '0', 'a whole number from 1 to 10000'],
    ['KEYHOLD_TRIES_PER_WORKSPACE', '10001', 'a whole number from 1 to 10000'],
    ['KEYHOLD_REQUESTS_PER_SECOND', '0', 'a whole number from 1 to 1000000'],
    ['KEYHOLD_REQUESTS_BURST', '10000001', 'a whole number from 1 to 10000000'],
    ['KEYHOLD_REQUESTS_BURST', '499', 'not be below KEYHOLD_REQUESTS_PER_SECOND'],
    ['KEYHOLD_REQUESTS_AT_ONCE', '0', 'a whole number from 1 to 100000'],
    ['KEYHOLD_MEGABYTES_PER_MINUTE', '15', 'a whole number from 16 to 1000000'],
    ['KEYHOLD_BOXES_PER_WORKSPACE', '0', 'a whole number from 1 to 100000'],
    ['KEYHOLD_DATABASE_URL', 'mysql://somebody:hunter2@host/db', 'postgres://role:password@host'],
    ['KEYHOLD_DATABASE_URL', 'postgres://somebody:100%hunter2@host/db', 'postgres://role:password@host'],
    ['KEYHOLD_DATABASE_URL', 'postgres://somebody:hunter2%ff@host/db', 'postgres://role:password@host'],
    ['KEYHOLD_ROOT_KEY', randomBytes(31).toString('base64'), '32 bytes in base64'],
    ['KEYHOLD_ROOT_KEY', `${ROOT_KEY.toString('base64')}!`, '32 bytes in base64'],
    ['KEYHOLD_OPERATOR_TOKEN_SHA256', 'kho_the-token-itself', 'the SHA-256 of'],
    ['KEYHOLD_AWS_ACCESS_KEY_ID', 'AKIAALONE', 'set together, or not at all'],
    ['KEYHOLD_AWS_SECRET_ACCESS_KEY', 'alone', 'set together, or not at all'],
    ['KEYHOLD_PROT', '8420', 'correct its name or remove it'],
  ])('refuse %s=%s with one sentence that names the variable and what to do', (variable, value, remedy) => {
    const sentences = refusals({ [variable]: value });
    expect(sentences).toEqual([expect.stringContaining(variable)]);
    expect(sentences[0]).toContain(remedy);
    expect(sentences[0]).toMatch(/\.$/);
  });

  test('repeat no value in what they say', () => {
    const names = [
      'PORT',
      'HOST',
      'AWS_PRINCIPAL_ARN',
      'AWS_ENDPOINT',
      'DATABASE_URL',
      'ROOT_KEY',
      'OPERATOR_TOKEN_SHA256',
      'AWS_ACCESS_KEY_ID',
    ];
    const sentences = refusals(Object.fromEntries(names.map((name) => [`KEYHOLD_${name}`, 's3cret value'])));
    expect(sentences).toHaveLength(names.length);
    expect(sentences.join()).not.toContain('s3cret');
  });

  test.each(Object.keys(GOOD))('refuse to do without %s', (variable) => {
    expect(refusals({ [variable]: undefined })).toEqual([expect.stringContaining(variable)]);
  });

  test('tell everything that is wrong at once', () => {
    expect(refusals({ KEYHOLD_PORT: 'x', KEYHOLD_DATABASE_URL: '', KEYHOLD_EXTRA: '1' })).toHaveLength(3);
  });
});

describe('the file with the root key', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyhold-settings-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  function fileWith(content: string | Buffer, mode = 0o600): NodeJS.ProcessEnv {
    const path = join(folder, randomBytes(8).toString('hex'));
    writeFileSync(path, content);
    chmodSync(path, mode);
    return { KEYHOLD_ROOT_KEY: undefined, KEYHOLD_ROOT_KEY_FILE: path };
  }

  test.each([
    ['32 bytes', ROOT_KEY],
    ['64 digits', ROOT_KEY.toString('hex')],
    ['64 digits and the end of a line', `${ROOT_KEY.toString('hex').toUpperCase()}\n`],
  ])('may hold %s', (_what, content) => {
    expect(read(fileWith(content)).secrets.rootKey).toEqual(ROOT_KEY);
  });

  test.each([
    ['31 bytes', ROOT_KEY.subarray(1)],
    ['33 bytes', Buffer.concat([ROOT_KEY, Buffer.from('x')])],
    ['63 digits', ROOT_KEY.toString('hex').slice(1)],
    ['nothing', ''],
    ['a megabyte', Buffer.alloc(1 << 20, 0x61)],
  ])('may not hold %s', (_what, content) => {
    expect(refusals(fileWith(content))).toEqual([expect.stringContaining('must hold 32 bytes, or 64 hexadecimal digits')]);
  });

  test.each([0o644, 0o604, 0o620, 0o602])('may not have the mode %o', (mode) => {
    expect(refusals(fileWith(ROOT_KEY, mode))).toEqual([expect.stringContaining('must not be open to other users')]);
  });

  test('may be readable by a group, as mounted secrets are', () => {
    expect(refusals(fileWith(ROOT_KEY, 0o440))).toEqual([]);
  });

  test('must exist', () => {
    const missing = { KEYHOLD_ROOT_KEY: undefined, KEYHOLD_ROOT_KEY_FILE: join(folder, 'none') };
    expect(refusals(missing)).toEqual([expect.stringContaining('cannot be read')]);
  });

  test('may not be given together with the key itself', () => {
    expect(refusals({ ...fileWith(ROOT_KEY), KEYHOLD_ROOT_KEY: GOOD.KEYHOLD_ROOT_KEY })).toEqual([
      expect.stringContaining('one of the two'),
    ]);
  });
});

describe('in production', () => {
  const PRODUCTION = { NODE_ENV: 'production', KEYHOLD_PUBLIC_URL: 'https://keyhold.example' };
  const STARTED = { nodeOptions: ['--disable-sigusr1', '--enable-source-maps'] };

  test('a clean start is a start', () => {
    expect(refusals(PRODUCTION, STARTED)).toEqual([]);
  });

  test.each(['AWS_ENDPOINT_URL', 'AWS_ENDPOINT_URL_KMS', 'AWS_ENDPOINT_URL_STS'])('%s is refused', (variable) => {
    expect(refusals({ ...PRODUCTION, [variable]: 'http://127.0.0.1:1' }, STARTED)).toEqual([
      expect.stringContaining(`${variable} would send`),
    ]);
  });

  test('the sandbox is refused', () => {
    const sentences = refusals({ ...PRODUCTION, KEYHOLD_AWS_ENDPOINT: 'http://127.0.0.1:8421' }, STARTED);
    expect(sentences).toEqual([expect.stringContaining('KEYHOLD_AWS_ENDPOINT')]);
  });

  test.each([undefined, 'http://keyhold.example', 'http://127.0.0.1:8420'])('people are not sent back to %s', (url) => {
    expect(refusals({ ...PRODUCTION, KEYHOLD_PUBLIC_URL: url }, STARTED)).toEqual([expect.stringContaining('KEYHOLD_PUBLIC_URL must be')]);
  });

  test.each([
    '--inspect',
    '--inspect=0.0.0.0:9229',
    '--inspect-brk',
    '--inspect-port=1',
    '--heapsnapshot-signal=SIGUSR2',
    '--heapsnapshot-near-heap-limit=3',
    '--heap-prof',
    '--report-on-signal',
  ])('Node may not be started with %s, in either place', (option) => {
    const sentence = expect.stringContaining(`option ${option.replace(/=.*/, '')} shows what is in memory`);
    expect(refusals(PRODUCTION, { nodeOptions: [...STARTED.nodeOptions, option] })).toEqual([sentence]);
    expect(refusals({ ...PRODUCTION, NODE_OPTIONS: `--no-warnings ${option}` }, STARTED)).toEqual([sentence]);
  });

  test('an open inspector is refused, and the signal that would open one', () => {
    expect(refusals(PRODUCTION, { ...STARTED, inspectorUrl: 'ws://127.0.0.1:9229/x' })).toEqual([
      expect.stringContaining('debugger can attach'),
    ]);
    expect(refusals(PRODUCTION, { nodeOptions: [] })).toEqual([expect.stringContaining('--disable-sigusr1')]);
  });

  test.each([
    ['a root key of one repeated byte', { KEYHOLD_ROOT_KEY: Buffer.alloc(32, 7).toString('base64') }, 'root key is an example'],
    [
      'a root key of text',
      { KEYHOLD_ROOT_KEY: Buffer.from('rootkeyrootkeyrootkeyrootkeyroot').toString('base64') },
      'root key is an example',
    ],
    [
      'a password from an example',
      { KEYHOLD_DATABASE_URL: 'postgres://keyhold_app:postgres@db/keyhold' },
      'password in KEYHOLD_DATABASE_URL',
    ],
    ['no password', { KEYHOLD_DATABASE_URL: 'postgres://keyhold_app@db/keyhold' }, 'password in KEYHOLD_DATABASE_URL'],
    [
      "AWS's example key",
      { KEYHOLD_AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', KEYHOLD_AWS_SECRET_ACCESS_KEY: 'x' },
      'KEYHOLD_AWS_ACCESS_KEY_ID is the example',
    ],
  ])('%s is refused', (_what, changes, sentence) => {
    expect(refusals({ ...PRODUCTION, ...changes }, STARTED)).toEqual([expect.stringContaining(sentence)]);
  });

  test('none of this holds elsewhere', () => {
    const everything = {
      AWS_ENDPOINT_URL: 'x',
      KEYHOLD_AWS_ENDPOINT: 'http://127.0.0.1:8421',
      KEYHOLD_ROOT_KEY: Buffer.alloc(32).toString('base64'),
    };
    expect(refusals(everything, { nodeOptions: ['--inspect'], inspectorUrl: 'ws://x' })).toEqual([]);
  });
});
