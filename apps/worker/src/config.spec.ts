import { describe, expect, test } from '@jest/globals';
import { ConfigError, readConfig } from './config.js';

const URL = 'postgres://keyhold_worker:s3cret@127.0.0.1/keyhold';

describe('configuration of the worker', () => {
  test('needs the database alone, and is frozen', () => {
    const config = readConfig({ KEYHOLD_DATABASE_URL: URL, KEYHOLD_PORT: '8420' });
    expect(config).toMatchObject({ databaseUrl: URL, logLevel: 'info' });
    expect(Object.isFrozen(config)).toBe(true);
  });

  test.each([
    ['a missing database', {}, 'KEYHOLD_DATABASE_URL must be'],
    ['an empty database', { KEYHOLD_DATABASE_URL: '' }, 'KEYHOLD_DATABASE_URL must be'],
    ['another kind of database', { KEYHOLD_DATABASE_URL: 'mysql://s3cret@host/x' }, 'KEYHOLD_DATABASE_URL must be'],
    ['an unknown log level', { KEYHOLD_DATABASE_URL: URL, KEYHOLD_LOG_LEVEL: 's3cret' }, 'KEYHOLD_LOG_LEVEL must be one of'],
  ])('refuses %s with a sentence that names the variable and no value', (_what, environment, sentence) => {
    const read = () => readConfig(environment);
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(sentence);
    expect(read).not.toThrow('s3cret');
  });
});
