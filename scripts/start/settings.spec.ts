import { describe, expect, test } from '@jest/globals';
import { readSettings } from './settings.mjs';

describe('settings of npm start', () => {
  test('are the documented ones in an empty environment', () => {
    const { ports, metricsPorts, dataDir, adminUrl } = readSettings({});
    expect([ports.api.number, ports.sandbox.number, ports.postgres.number]).toEqual([8420, 8421, 8422]);
    expect([metricsPorts.api.number, metricsPorts.worker.number]).toEqual([8423, 8424]);
    expect(dataDir).toBe('.keyhold');
    expect(adminUrl).toBeUndefined();
  });

  test('take an empty variable for one that is not set', () => {
    expect(readSettings({ KEYHOLD_PORT: '', KEYHOLD_DATABASE_URL: '' })).toEqual(readSettings({}));
  });

  test.each(['0', '65536', '80a', '-1', '1e3', ' 80'])('refuse %j as a port and name its variable', (text) => {
    expect(() => readSettings({ KEYHOLD_SANDBOX_PORT: text })).toThrow('KEYHOLD_SANDBOX_PORT is "' + text + '"');
  });

  test('refuse one port for two uses and name both variables', () => {
    expect(() => readSettings({ KEYHOLD_PORT: '8422' })).toThrow('KEYHOLD_PORT and KEYHOLD_PG_PORT are both 8422');
  });

  test('let a metrics port that nobody asked for make way, and refuse one that was asked for twice', () => {
    expect(readSettings({ KEYHOLD_PORT: '8423' }).ports.api.number).toBe(8423);
    const twice = { KEYHOLD_PORT: '9000', KEYHOLD_WORKER_METRICS_PORT: '9000' };
    expect(() => readSettings(twice)).toThrow('KEYHOLD_PORT and KEYHOLD_WORKER_METRICS_PORT are both 9000');
  });

  test.each(['localhost', 'mysql://root:hunter2@localhost/x', 'http://localhost'])(
    'refuse %s as a database, without repeating it',
    (url) => {
      expect(() => readSettings({ KEYHOLD_DATABASE_URL: url })).toThrow(
        /^KEYHOLD_DATABASE_URL is not a URL of the form [^@]+@host:port\/database\.$/,
      );
    },
  );
});
