import { setTimeout as delay } from 'node:timers/promises';
import { commandOf } from '../command-of.mjs';
import { CannotStart } from './cannot-start.mjs';

const FILE = 'running.json';
const ME = 'start.mjs';
const POLL_MS = 50;
const STOP_MS_MAX = 10_000;

/**
 * Which processes work on a data folder. It keeps two runs off the same folder, and lets the next run end what a run
 * that was killed left behind.
 *
 * @typedef {{ pid: number, file: string }} RunningChild a Node process and the file that it runs
 */
export class RunningFile {
  #folder;
  /** @type {RunningChild[]} */
  #children = [];

  /** @param {import('./data-folder.mjs').DataFolder} folder */
  constructor(folder) {
    this.#folder = folder;
  }

  /** @throws {CannotStart} when another run has the folder */
  async take() {
    const last = this.#folder.readJson(FILE);
    if (last && last.pid !== process.pid && commandOf(last.pid)?.includes(ME)) {
      throw new CannotStart(
        `Keyhold runs already on the folder ${this.#folder.path} (process ${last.pid}); stop it or set KEYHOLD_DATA_DIR.`,
      );
    }
    await Promise.all((last?.children ?? []).map(end));
    this.#write();
  }

  /** @param {RunningChild} child */
  add(child) {
    this.#children.push(child);
    this.#write();
  }

  release() {
    this.#folder.remove(FILE);
  }

  #write() {
    this.#folder.writeJson(FILE, { pid: process.pid, children: this.#children });
  }
}

/** @param {RunningChild} child */
async function end({ pid, file }) {
  const isThere = () => commandOf(pid)?.includes(file) ?? false;
  if (isThere()) process.kill(pid, 'SIGTERM');
  for (let waited = 0; isThere() && waited < STOP_MS_MAX; waited += POLL_MS) await delay(POLL_MS);
  if (isThere()) process.kill(pid, 'SIGKILL');
}
