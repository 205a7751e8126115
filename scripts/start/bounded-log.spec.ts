import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BoundedLog } from './bounded-log.mjs';

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'keyhold-log-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

test('keeps at most two files of about five megabytes, with the newest lines in the first', () => {
  const log = new BoundedLog(join(dir, 'api.log'));
  const line = `${'x'.repeat(999)}\n`;
  for (let written = 0; written < 17_000; written++) log.write(line);
  log.write('the end\n');

  expect(readdirSync(dir).toSorted()).toEqual(['api.log', 'api.log.1']);
  for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).size).toBeLessThan(5_002_000);
  expect(readFileSync(join(dir, 'api.log'), 'utf8')).toMatch(/the end\n$/);
});

test('goes on in the file of the run before', () => {
  new BoundedLog(join(dir, 'api.log')).write('before\n');
  new BoundedLog(join(dir, 'api.log')).write('after\n');
  expect(readFileSync(join(dir, 'api.log'), 'utf8')).toBe('before\nafter\n');
});

test('tells the last lines of this run only', () => {
  new BoundedLog(join(dir, 'api.log')).write('before\n');
  const log = new BoundedLog(join(dir, 'api.log'));
  log.write('one\ntwo\n');
  log.write('three\n');
  expect(log.lastLines(2)).toEqual(['two', 'three']);
  expect(log.lastLines(9)).toEqual(['one', 'two', 'three']);
});
