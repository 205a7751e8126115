import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { BoundedLog } from './bounded-log.mjs';
import { CannotStart } from './cannot-start.mjs';

const READY_MS_MAX = 60_000;
const READY_POLL_MS = 25;
const STOP_MS_MAX = 10_000;
const LINES_SHOWN = 15;
/** Nothing else of the surroundings reaches a service; AWS's own variables in particular would change whom it calls. */
const PASSED_ON = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG'];

/**
 * The processes of one run. They are no members of the terminal's process group: Ctrl-C reaches this process alone,
 * which stops them in the opposite order of their start.
 *
 * @typedef {{ name: string, child: import('node:child_process').ChildProcess, log: BoundedLog, stop: () => Promise<void> }} Service
 */
export class Services {
  #logsFolder;
  #running;
  /** @type {Service[]} */
  #services = [];
  #isStopping = false;
  /** @type {PromiseWithResolvers<never>} */
  #death = Promise.withResolvers();

  /** @param {string} logsFolder @param {import('./running-file.mjs').RunningFile} running */
  constructor(logsFolder, running) {
    this.#logsFolder = logsFolder;
    this.#running = running;
    this.#death.promise.catch(() => undefined); // seen by whoever waits for it
    process.once('exit', () => this.#services.forEach(({ child }) => child.kill()));
  }

  /** Rejects when a service ends that nobody told to end. */
  get death() {
    return this.#death.promise;
  }

  /**
   * Starts `file` with this Node and answers at once, with the number of the process.
   * @param {string} name
   * @param {string} file
   * @param {Record<string, string | undefined>} env
   */
  startNode(name, file, env) {
    const log = this.newLog(name);
    const child = this.#spawnNode(file, env, log);
    this.add({ name, child, log, stop: () => endChild(child) });
    this.#running.add({ pid: child.pid, file: resolve(file) });
    return child.pid;
  }

  /**
   * Runs `file` with this Node to its end.
   * @param {string} name
   * @param {string} file
   * @param {Record<string, string | undefined>} env
   */
  async runNode(name, file, env) {
    const log = this.newLog(name);
    const child = this.#spawnNode(file, env, log);
    const service = { name, child, log, stop: () => endChild(child) };
    this.#services.push(service);
    const [code, signal] = await once(child, 'close');
    this.#services = this.#services.filter((other) => other !== service);
    if (code !== 0) throw new CannotStart(ended(name, code ?? signal, log));
  }

  /** @param {string} name */
  newLog(name) {
    return new BoundedLog(`${this.#logsFolder}/${name}.log`);
  }

  /** @param {Service} service */
  add(service) {
    this.#services.push(service);
    // not at `exit`: its last words may still be on their way
    service.child.once('close', (code, signal) => {
      if (!this.#isStopping) this.#death.reject(new CannotStart(ended(service.name, code ?? signal, service.log)));
    });
  }

  /** Answers when `url` answers 200. @param {string} name @param {string} url */
  answering(name, url) {
    return this.#until(name, () => answers(url));
  }

  /** Answers when the service has said `text`. @param {string} name @param {string} text */
  saying(name, text) {
    const { log } = this.#services.find((service) => service.name === name) ?? {};
    return this.#until(name, async () => log?.lastLines(LINES_SHOWN).some((line) => line.includes(text)));
  }

  /** @param {string} name @param {() => Promise<boolean | undefined>} isReady */
  async #until(name, isReady) {
    for (const end = Date.now() + READY_MS_MAX; Date.now() < end; await delay(READY_POLL_MS)) {
      if (this.#isStopping) throw new CannotStart(`${name} was stopped before it was ready.`);
      if (await isReady()) return;
    }
    throw new CannotStart(`${name} was not ready after ${READY_MS_MAX / 1000} s; see ${this.#logsFolder}/${name}.log.`);
  }

  /** Stops what runs, the last started first, and waits for each. */
  async stop() {
    this.#isStopping = true;
    for (const service of this.#services.toReversed()) await service.stop();
    this.#services = [];
  }

  /** @param {string} file @param {Record<string, string | undefined>} env @param {BoundedLog} log */
  #spawnNode(file, env, log) {
    if (this.#isStopping) throw new CannotStart('Stopped while starting.');
    const surroundings = Object.fromEntries(PASSED_ON.map((name) => [name, process.env[name]]));
    const child = spawn(process.execPath, ['--enable-source-maps', resolve(file)], {
      env: { ...surroundings, NODE_COMPILE_CACHE: 'node_modules/.cache/v8', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => log.write(text));
    return child;
  }
}

/** @param {import('node:child_process').ChildProcess} child */
async function endChild(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const impatient = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
  await exit;
  clearTimeout(impatient);
}

/** @param {string} url */
async function answers(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false; // not listening yet
  }
}

/** @param {string} name @param {number | string | null} code @param {BoundedLog} log */
function ended(name, code, log) {
  const lines = log.lastLines(LINES_SHOWN).map((line) => `    ${line}`);
  return `${name} ended (${typeof code === 'number' ? `exit code ${code}` : code}). The last lines of ${log.path}:\n${lines.join('\n')}`;
}
