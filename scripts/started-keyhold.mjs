// For tests: `npm start` as a user sees it, on free ports and a data folder of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandOf } from './command-of.mjs';
import { freePort } from './pg.mjs';

const LAST_LINE = 'Ctrl-C stops everything';
const KEY_POOL = 'node_modules/.cache/keyhold/rsa-pool';

export async function freePorts() {
  return {
    KEYHOLD_PORT: String(await freePort()),
    KEYHOLD_SANDBOX_PORT: String(await freePort()),
    KEYHOLD_PG_PORT: String(await freePort()),
    KEYHOLD_METRICS_PORT: String(await freePort()),
    KEYHOLD_WORKER_METRICS_PORT: String(await freePort()),
  };
}

/** A run of scripts/start.mjs, from its start to its end. */
export class StartedKeyhold {
  #child;
  #dir;
  #ready;
  #spawnedAt = performance.now();
  output = '';

  /** @param {string} dir @param {Record<string, string>} env ports and whatever else */
  constructor(dir, env) {
    this.#dir = dir;
    const { PATH, HOME } = process.env;
    this.#child = spawn(process.execPath, ['--enable-source-maps', 'scripts/start.mjs'], {
      env: { PATH, HOME, KEYHOLD_DATA_DIR: dir, KEYHOLD_SANDBOX_KEY_POOL: KEY_POOL, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.exit = once(this.#child, 'close').then(([code, signal]) => /** @type {number | NodeJS.Signals} */ (code ?? signal));
    this.#ready = this.#untilReady();
    this.#ready.catch(() => undefined); // for whoever asks
  }

  /** Answers the seconds that it took. @returns {Promise<number>} */
  ready() {
    return this.#ready;
  }

  /** @param {NodeJS.Signals} signal */
  async end(signal) {
    this.#child.kill(signal);
    return this.exit;
  }

  /** @returns {import('./start/quickstart.mjs').QuickstartFacts} */
  quickstart() {
    return JSON.parse(readFileSync(join(this.#dir, 'quickstart.json'), 'utf8'));
  }

  /** Its own processes by number: itself, the services and PostgreSQL. @returns {number[]} */
  pids() {
    const { pid, children } = JSON.parse(readFileSync(join(this.#dir, 'running.json'), 'utf8'));
    return [pid, ...children.map((child) => child.pid), ...this.#postgresPid()];
  }

  /** The number of the service that runs this file. @param {string} file */
  pidOf(file) {
    const pid = this.pids().find((number) => commandOf(number)?.includes(file));
    if (pid === undefined) throw new Error(`nothing runs ${file}`);
    return pid;
  }

  #postgresPid() {
    const moved = join(this.#dir, 'postgres', 'moved-to');
    const base = existsSync(moved) ? readFileSync(moved, 'utf8') : join(this.#dir, 'postgres');
    const pidFile = join(base, 'data', 'postmaster.pid');
    return existsSync(pidFile) ? [Number(readFileSync(pidFile, 'utf8').split('\n')[0])] : [];
  }

  #untilReady() {
    return new Promise((resolve, reject) => {
      const take = (text) => {
        this.output += text;
        if (this.output.includes(LAST_LINE)) resolve((performance.now() - this.#spawnedAt) / 1000);
      };
      for (const stream of [this.#child.stdout, this.#child.stderr]) stream.setEncoding('utf8').on('data', take);
      this.#child.once('close', () => reject(new Error(`It ended before it was ready:\n${this.output}`)));
    });
  }
}
