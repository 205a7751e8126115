/** What is to be reached, on any machine: both are ratios or far from the limit of a disk. */
export const TARGETS = { ratioMin: 0.5, p99Max: 50, coldKmsCalls: 1 };

/**
 * @typedef {import('./round.mjs').Round} Round
 * @typedef {Record<'service' | 'bare', Round[]>} Rounds the n-th of both were played one after the other
 */

/** @param {Rounds} rounds */
export function summaryOf({ service, bare }) {
  return {
    service: medianRound(service),
    bare: medianRound(bare),
    ratio: median(service.map(({ requestsPerSecond }, n) => requestsPerSecond / bare[n].requestsPerSecond)),
  };
}

/** @typedef {ReturnType<typeof summaryOf>} Summary */

/** @param {Round[]} rounds */
function medianRound(rounds) {
  const of = (name) => median(rounds.map((round) => round[name]));
  return {
    requestsPerSecond: of('requestsPerSecond'),
    p50: of('p50'),
    p99: of('p99'),
    cpuMicroseconds: of('cpuMicroseconds'),
    postgresMicroseconds: of('postgresMicroseconds'),
  };
}

/** @param {number[]} values */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * @param {Record<'seal' | 'unseal', Summary>} operations
 * @param {{ kmsCalls: number }} cold
 * @returns {{ target: string, measured: number, reached: boolean }[]}
 */
export function targetsOf(operations, { kmsCalls }) {
  const { ratioMin, p99Max, coldKmsCalls } = TARGETS;
  const ofOperations = Object.entries(operations).flatMap(([name, { ratio, service }]) => [
    { target: `${name}: at least ${ratioMin} of the bare server`, measured: ratio, reached: ratio >= ratioMin },
    { target: `${name}: p99 below ${p99Max} ms`, measured: service.p99, reached: service.p99 < p99Max },
  ]);
  return [
    ...ofOperations,
    { target: `first unseal of a new process: ${coldKmsCalls} KMS call`, measured: kmsCalls, reached: kmsCalls === coldKmsCalls },
  ];
}
