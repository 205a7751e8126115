import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';

const LOCK = '.ensure.lock';
const POLL_MS = 200;
const LOCK_AGE_MS_MAX = 20 * 60_000;

/**
 * Runs `work` while no other process installs or builds in this folder. A lock whose holder is gone, or that is older
 * than any install takes, is void.
 */
export function withFolderLock(work) {
  takeLock();
  try {
    return work();
  } finally {
    rmSync(LOCK, { force: true });
  }
}

function takeLock() {
  for (let told = false; !tryToTakeLock(); told = true) {
    if (!told) console.log('Another npm command is installing or building in this folder; waiting for it.');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
}

function tryToTakeLock() {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (isVoid()) rmSync(LOCK, { force: true });
    return false;
  }
}

function isVoid() {
  try {
    return Date.now() - statSync(LOCK).mtimeMs > LOCK_AGE_MS_MAX || !isRunning(Number(readFileSync(LOCK, 'utf8')));
  } catch (error) {
    if (error.code === 'ENOENT') return false; // released a moment ago
    throw error;
  }
}

function isRunning(pid) {
  if (pid === 0) return true; // created, and its holder about to write its number
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
