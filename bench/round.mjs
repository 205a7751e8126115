import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { json } from 'node:stream/consumers';
import { cpuSeconds, cpuSecondsOfChildren } from './cpu-seconds.mjs';

export const CONNECTIONS = 32;
const LOAD = new URL('load.mjs', import.meta.url).pathname;

/** An answer that was no success. The figures of a bench with errors mean nothing. */
export class BenchFailed extends Error {
  name = 'BenchFailed';
}

/**
 * @typedef {object} Round
 * @property {number} requests
 * @property {number} requestsPerSecond
 * @property {number} p50 milliseconds
 * @property {number} p99 milliseconds
 * @property {number} cpuMicroseconds that the server took for one request; NaN where there is no /proc
 * @property {number} postgresMicroseconds that PostgreSQL took for one request; 0 where there is no /proc
 */

/**
 * One round: a process of its own asks `target` for `seconds`.
 * @param {import('./stage.mjs').Stage} stage
 * @param {'service' | 'bare'} server
 * @param {'seal' | 'unseal'} operation
 * @param {number} seconds
 * @returns {Promise<Round>}
 * @throws {BenchFailed} when any answer was not a success
 */
export async function playRound({ postgresPid, ...targets }, server, operation, seconds) {
  const { url, pid, token, requests } = targets[server];
  const cpuBefore = cpuSeconds(pid);
  const childrenBefore = cpuSecondsOfChildren(postgresPid);
  const load = await runLoad({ url, token, requests: requests[operation], connections: CONNECTIONS, seconds });
  if (load.failures > 0 || load.requests === 0) throw new BenchFailed(`${server}, ${operation}: ${JSON.stringify(load)}`);
  const each = (seconds) => (seconds / load.requests) * 1e6;
  const { requestsPerSecond, p50, p99 } = load;
  return {
    ...{ requests: load.requests, requestsPerSecond, p50, p99 },
    cpuMicroseconds: each(cpuSeconds(pid) - cpuBefore),
    postgresMicroseconds: each(increase(childrenBefore, cpuSecondsOfChildren(postgresPid))),
  };
}

/** What those who are still there have taken meanwhile. @param {Map<number, number>} before @param {Map<number, number>} after */
function increase(before, after) {
  return [...after].reduce((sum, [pid, seconds]) => sum + seconds - (before.get(pid) ?? 0), 0);
}

/** @param {import('./load.mjs').LoadOrder} order @returns {Promise<import('./load.mjs').LoadResult>} */
async function runLoad(order) {
  const child = spawn(process.execPath, [LOAD], { stdio: ['pipe', 'pipe', 'inherit'] });
  const end = () => child.kill();
  process.once('exit', end);
  child.stdin.end(JSON.stringify(order));
  const [result, [code]] = await Promise.all([json(child.stdout).catch(() => undefined), once(child, 'close')]);
  process.off('exit', end);
  if (code !== 0 || result === undefined) throw new BenchFailed(`the load ended with exit code ${code}`);
  return /** @type {import('./load.mjs').LoadResult} */ (result);
}
