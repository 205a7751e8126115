import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFolder } from './data-folder.mjs';
import { RunningFile } from './running-file.mjs';

let dir: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'keyhold-running-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(dir, { recursive: true });
});

/** A process that waits, from a file of this name. */
async function waiting(name: string): Promise<ChildProcess & { pid: number }> {
  const file = join(dir, name);
  writeFileSync(file, "console.log('up'); setInterval(() => undefined, 1000);");
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'ignore'] });
  children.push(child);
  await once(child.stdout, 'data');
  return child as ChildProcess & { pid: number };
}

test('refuses a folder that a living run holds, and says which process that is', async () => {
  const folder = new DataFolder(dir);
  const { pid } = await waiting('start.mjs');
  folder.writeJson('running.json', { pid, children: [] });
  await expect(new RunningFile(folder).take()).rejects.toThrow(`(process ${pid})`);
});

test('ends what a killed run left behind before it takes the folder', async () => {
  const folder = new DataFolder(dir);
  const leftBehind = await waiting('api.js');
  const exit = once(leftBehind, 'exit');
  folder.writeJson('running.json', { pid: 999_999_999, children: [{ pid: leftBehind.pid, file: join(dir, 'api.js') }] });

  await new RunningFile(folder).take();

  expect(await exit).toEqual([null, 'SIGTERM']);
  expect(folder.readJson('running.json')).toEqual({ pid: process.pid, children: [] });
});

test('leaves a process alone that has got the number of one of ours', async () => {
  const folder = new DataFolder(dir);
  const stranger = await waiting('stranger.js');
  folder.writeJson('running.json', { pid: stranger.pid, children: [{ pid: stranger.pid, file: join(dir, 'api.js') }] });

  await new RunningFile(folder).take();

  expect(stranger.exitCode).toBeNull();
  expect(stranger.signalCode).toBeNull();
});
