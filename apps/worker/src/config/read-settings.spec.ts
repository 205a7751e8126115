import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { ConfigError } from '#settings';
import { documentedSettings, settingsToDocument } from '../../../../libs/settings/src/testing/documented-settings.js';
import { CONFIG_PROPERTIES, Config } from './config.js';
import { readSettings } from './read-settings.js';
import { SECRET_PROPERTIES } from './secrets.js';

const ROOT_KEY = randomBytes(32);
const GOOD = {
  KEYHOLD_DATABASE_URL: 'postgres://keyhold_worker:a-password-of-its-own@127.0.0.1:5432/keyhold',
  KEYHOLD_SERVICE_DATABASE_URL: 'postgres://keyhold_app:another-password@127.0.0.1:5432/keyhold',
  KEYHOLD_ROOT_KEY: ROOT_KEY.toString('base64'),
  KEYHOLD_AWS_PRINCIPAL_ARN: 'arn:aws:iam::111122223333:role/keyhold',
};

const read = (changes: NodeJS.ProcessEnv = {}, nodeOptions: string[] = []) =>
  readSettings({ environment: { ...GOOD, ...changes }, nodeOptions, inspectorUrl: undefined });

function refusals(changes: NodeJS.ProcessEnv, nodeOptions?: string[]): readonly string[] {
  try {
    read(changes, nodeOptions);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('settings of the worker', () => {
  test('need four variables; everything else has a value', () => {
    const { config, secrets } = read();
    expect(config).toEqual({
      awsPrincipalArn: GOOD.KEYHOLD_AWS_PRINCIPAL_ARN,
      awsPrincipalMode: 'ambient',
      mainRegion: 'us-east-2',
      replicaRegion: 'us-west-2',
      deploymentId: 'keyhold',
      logLevel: 'info',
      metricsPort: 0,
      metricsHost: '127.0.0.1',
      privateWebhookOrigins: [],
      databasePool: 8,
      jobsAtOnce: 8,
    });
    expect(secrets).toEqual({
      databaseUrl: GOOD.KEYHOLD_DATABASE_URL,
      serviceDatabaseUrl: GOOD.KEYHOLD_SERVICE_DATABASE_URL,
      rootKey: ROOT_KEY,
    });
  });

  test('are all on their page, with their defaults, and no others', () => {
    const properties = [...CONFIG_PROPERTIES, ...SECRET_PROPERTIES];
    expect(documentedSettings('worker')).toEqual(settingsToDocument(properties, new Config()));
  });

  test('cannot be changed afterwards', () => {
    const settings = read();
    expect([settings, settings.config, settings.secrets].every(Object.isFrozen)).toBe(true);
  });

  test.each(Object.keys(GOOD))('refuse to do without %s', (variable) => {
    expect(refusals({ [variable]: undefined })).toEqual([expect.stringContaining(variable)]);
  });

  test.each([
    ['KEYHOLD_DATABASE_URL', 'mysql://s3cret@host/x', 'keyhold_worker'],
    ['KEYHOLD_SERVICE_DATABASE_URL', 's3cret', 'keyhold_app'],
    ['KEYHOLD_JOBS_AT_ONCE', '65', 'a whole number from 1 to 64'],
    ['KEYHOLD_MAIN_REGION', 's3cret', 'one of us-east-1'],
    ['KEYHOLD_REPLICA_REGION', 'us-east-2', 'another Region'],
    ['KEYHOLD_REPLICA_REGIN', 'us-west-1', 'correct its name or remove it'],
    ['KEYHOLD_LOG_LEVEL', 's3cret', 'one of fatal'],
  ])('refuse %s=%s with one sentence that names the variable and no secret', (variable, value, remedy) => {
    const sentences = refusals({ [variable]: value });
    expect(sentences).toEqual([expect.stringContaining(variable)]);
    expect(sentences[0]).toContain(remedy);
    expect(sentences[0]).not.toContain('s3cret');
  });

  test.each([
    ['the sandbox', { KEYHOLD_AWS_ENDPOINT: 'http://127.0.0.1:8421' }, 'KEYHOLD_AWS_ENDPOINT'],
    ['an example for a root key', { KEYHOLD_ROOT_KEY: Buffer.alloc(32, 7).toString('base64') }, 'root key is an example'],
    [
      'a password from an example',
      { KEYHOLD_SERVICE_DATABASE_URL: 'postgres://keyhold_app:keyhold_app@db/keyhold' },
      'password in KEYHOLD_SERVICE_DATABASE_URL',
    ],
  ])('refuse %s in production', (_what, changes, sentence) => {
    const production = { NODE_ENV: 'production', ...changes };
    expect(refusals(production, ['--disable-sigusr1'])).toEqual([expect.stringContaining(sentence)]);
  });

  test('refuse an open memory in production', () => {
    expect(refusals({ NODE_ENV: 'production' }, ['--inspect'])).toHaveLength(2);
  });
});
