import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { commandOf } from '../command-of.mjs';

const POLL_MS = 50;
const STOP_MS_MAX = 10_000;

/** Ends a server that outlived whoever started it (kill -9) and still holds the data folder. */
export async function endLeftOver(data) {
  const pidFile = join(data, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8').split('\n')[0]);
  if (!commandOf(pid)?.includes(data)) return; // a stale file: PostgreSQL removes it itself
  process.kill(pid, 'SIGINT'); // fast shutdown
  for (let waited = 0; existsSync(pidFile) && waited < STOP_MS_MAX; waited += POLL_MS) await delay(POLL_MS);
}
