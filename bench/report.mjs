import { availableParallelism, loadavg } from 'node:os';
import { CONNECTIONS } from './round.mjs';

/** @param {{ seconds: number, rounds: number }} options */
export const heading = ({ seconds, rounds }) => `Keyhold bench

Measured: the built service over HTTP, as a workspace's owner with a token.
  seal    POST /v1/workspaces/:w/items: validated, sealed under the data key of an aws-kms vault, stored with its audit event
  unseal  POST …/items/:i/unseal: read, opened under the cached data key, and answered when its audit event is committed
${CONNECTIONS} connections, payloads of 256 bytes, PostgreSQL with fsync and synchronous_commit on, AWS played by the sandbox, vault settings
as they come (so a new data key is wrapped by KMS every 1,000 seals). ${rounds} rounds of ${seconds} s, alternating with the bare server: Fastify and pg
with the same statements, transactions, pool and row sizes, and nothing else: no validation, authorization, encryption or log.

Not measured: TLS, a network, AWS's own time, many workspaces at once, more than one node. Load, server, PostgreSQL and sandbox share
the ${availableParallelism()} cores of this machine: the ratio tells what Keyhold costs, the requests per second tell little about another machine.
${disturbance()}`;

/** Load by others before anything was started. */
export const loadBefore = loadavg()[0];

function disturbance() {
  if (loadBefore < availableParallelism() / 4) return '';
  return `\nOther work keeps this machine busy (load average ${loadBefore.toFixed(1)}): latencies below are longer than on a quiet one.\n`;
}

const COLUMNS = ['', 'requests/s', 'p50 ms', 'p99 ms', 'CPU µs/request', 'PostgreSQL CPU µs/request', 'ratio'];

/** @param {Record<'seal' | 'unseal', import('./result.mjs').Summary>} operations */
export function table(operations) {
  const rows = Object.entries(operations).flatMap(([name, { service, bare, ratio }]) => [
    [`${name}, service`, ...figures(service), ratio.toFixed(2)],
    [`${name}, bare`, ...figures(bare), ''],
  ]);
  return aligned([COLUMNS, ...rows]);
}

/** @param {import('./result.mjs').Summary['service']} round */
function figures({ requestsPerSecond, p50, p99, cpuMicroseconds, postgresMicroseconds }) {
  const micros = (value) => (value > 0 ? value.toFixed(0) : '–');
  return [requestsPerSecond.toFixed(0), p50.toFixed(1), p99.toFixed(1), micros(cpuMicroseconds), micros(postgresMicroseconds)];
}

/** @param {string[][]} rows the first cell of each to the left, the others to the right */
function aligned(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) => row.map((cell, n) => (n === 0 ? cell.padEnd(widths[n]) : cell.padStart(widths[n]))).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}

/** @param {{ target: string, measured: number, reached: boolean }[]} targets */
export function targetLines(targets) {
  return targets.map(({ target, measured, reached }) => `${reached ? '✔' : '✖'} ${target} (${Number(measured.toFixed(2))})`).join('\n');
}
