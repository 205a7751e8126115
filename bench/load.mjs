// The load, a process of its own. Reads one order as JSON from standard input and writes what came back to standard output.
import autocannon from 'autocannon';
import { json } from 'node:stream/consumers';

/**
 * @typedef {object} LoadOrder
 * @property {string} url
 * @property {string | undefined} token
 * @property {{ path: string, body: string }[]} requests sent over and over by each connection, in this order
 * @property {number} connections each of which waits for an answer before it sends again
 * @property {number} seconds
 *
 * @typedef {object} LoadResult
 * @property {number} requests that were answered with a success
 * @property {number} failures all others, time-outs and broken connections among them
 * @property {Record<string, number>} statuses how often each was answered
 * @property {number} requestsPerSecond
 * @property {number} p50 milliseconds
 * @property {number} p99 milliseconds
 */

const order = /** @type {LoadOrder} */ (await json(process.stdin));
process.stdout.write(JSON.stringify(await load(order)));

/** @param {LoadOrder} order @returns {Promise<LoadResult>} */
async function load({ url, token, requests, connections, seconds }) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const times = [];
  const running = autocannon({ url, connections, duration: seconds, method: 'POST', headers, requests });
  running.on('response', (_client, _status, _bytes, milliseconds) => times.push(milliseconds));
  const { '2xx': successes, non2xx, errors, timeouts, duration, statusCodeStats = {} } = await running;
  times.sort((a, b) => a - b);
  return {
    requests: successes,
    failures: non2xx + errors + timeouts,
    statuses: Object.fromEntries(Object.entries(statusCodeStats).map(([status, { count = 0 }]) => [status, count])),
    requestsPerSecond: successes / duration,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
  };
}

/** @param {number[]} sorted @param {number} part */
function percentile(sorted, part) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN;
}
