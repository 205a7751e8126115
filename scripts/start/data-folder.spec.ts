import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFolder } from './data-folder.mjs';

let dir: string;
let folder: DataFolder;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'keyhold-data-folder-'));
  folder = new DataFolder(dir);
});
afterEach(() => rmSync(dir, { recursive: true }));

const modeOf = (...names: string[]) => statSync(join(dir, ...names)).mode & 0o777;

test('makes a secret once and keeps it', () => {
  const made = folder.secret('token', () => 'first').toString();
  const kept = new DataFolder(dir).secret('token', () => 'second').toString();
  expect([made, kept]).toEqual(['first', 'first']);
});

test('keeps secrets and facts from every other user', () => {
  folder.secret('token', () => 'secret');
  folder.writeJson('quickstart.json', { apiKey: 'secret' });
  expect(modeOf('secrets')).toBe(0o700);
  expect(modeOf('secrets', 'token')).toBe(0o600);
  expect(modeOf('quickstart.json')).toBe(0o600);
});

test('leaves no half-written file beside the whole one', () => {
  folder.secret('token', () => 'secret');
  folder.writeJson('facts.json', { a: 1 });
  folder.writeJson('facts.json', { a: 2 });
  expect(folder.readJson('facts.json')).toEqual({ a: 2 });
  expect([...readdirSync(dir), ...readdirSync(join(dir, 'secrets'))].toSorted()).toEqual(['facts.json', 'secrets', 'token']);
});

test('knows a file that was never written as undefined', () => {
  expect(folder.readJson('nothing.json')).toBeUndefined();
});
