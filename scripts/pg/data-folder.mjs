import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { canEnter, ownerOfFiles, unprivileged } from './unprivileged.mjs';

const MOVED = 'moved-to';

export const serverEnvironment = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };

/** A new folder for a server that lives as long as its process. */
export function throwAwayFolder() {
  return owned(mkdtempSync(join(tmpdir(), 'keyhold-pg-')));
}

/** `dir`, or where the unprivileged user cannot enter that, a folder in /var/tmp whose name `dir` remembers. */
export function lastingFolder(dir) {
  const base = resolve(dir);
  mkdirSync(base, { recursive: true });
  const moved = join(base, MOVED);
  if (existsSync(moved)) return owned(readFileSync(moved, 'utf8'));
  if (canEnter(owned(base))) return base;
  const elsewhere = mkdtempSync('/var/tmp/keyhold-pg-');
  writeFileSync(moved, elsewhere);
  return owned(elsewhere);
}

function owned(folder) {
  mkdirSync(folder, { recursive: true });
  if (ownerOfFiles !== undefined) chownSync(folder, ownerOfFiles, ownerOfFiles);
  return folder;
}

/**
 * The cluster's data in `base`, made if need be with `password` for the superuser `postgres`. It is made under another
 * name and renamed when complete, so one that was cut short is never used.
 */
export async function dataFolder({ native, base, password, isLasting }) {
  const data = join(base, 'data');
  if (existsSync(data)) return data;
  const part = join(base, 'data.part');
  rmSync(part, { recursive: true, force: true });
  await initialise({ native, base, folder: part, password, options: isLasting ? [] : ['--no-sync'] });
  renameSync(part, data);
  return data;
}

async function initialise({ native, base, folder, password, options }) {
  const passwordFile = join(base, 'password.part');
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (ownerOfFiles !== undefined) chownSync(passwordFile, ownerOfFiles, ownerOfFiles);
  const settings = ['-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8', '--locale=C', ...options];
  const initdb = spawn(join(native, 'bin', 'initdb'), ['-D', folder, ...settings], {
    ...unprivileged,
    env: serverEnvironment,
    cwd: base,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let errors = '';
  initdb.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
  const [code] = await once(initdb, 'close');
  rmSync(passwordFile);
  if (code !== 0) throw new Error(`PostgreSQL's initdb failed: ${errors}`);
}
