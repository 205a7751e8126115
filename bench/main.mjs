// `npm run bench`: what the service costs beside a bare server that sends the same statements. Its heading says what is
// measured and what is not. Ends with 0 also when a target is missed, and with 1 when any answer was an error.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { CannotStart } from '../scripts/start/cannot-start.mjs';
import { DataFolder } from '../scripts/start/data-folder.mjs';
import { Progress } from '../scripts/start/progress.mjs';
import { RunningFile } from '../scripts/start/running-file.mjs';
import { Services } from '../scripts/start/services.mjs';
import { firstUnseal } from './cold-unseal.mjs';
import { USAGE, readOptions } from './options.mjs';
import { heading, loadBefore, table, targetLines } from './report.mjs';
import { summaryOf, targetsOf } from './result.mjs';
import { BenchFailed, playRound } from './round.mjs';
import { setTheStage } from './stage.mjs';

const WARM_UP_SECONDS = 5;
const OPERATIONS = /** @type {const} */ (['seal', 'unseal']);
const SERVERS = /** @type {const} */ (['service', 'bare']);

const options = readOptionsOrExit();
const progress = new Progress(process.stderr);
const stopAsked = new Promise((_resolve, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => reject(new BenchFailed('stopped')));
});

console.log(heading(options));
try {
  const result = await onAThrowAwayStage(measure);
  console.log(`${table(result.operations)}\n\nFirst unseal of a new process: ${coldText(result.cold)}\n\n${targetLines(result.targets)}\n`);
  console.log(JSON.stringify(result));
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(result, null, 2)}\n`);
} catch (error) {
  console.error(error instanceof BenchFailed || error instanceof CannotStart ? error.message : error);
  process.exit(1);
}
process.exit(0);

/** @template Result @param {(stage: import('./stage.mjs').Stage) => Promise<Result>} work */
async function onAThrowAwayStage(work) {
  const path = mkdtempSync(join(tmpdir(), 'keyhold-bench-'));
  const folder = new DataFolder(path);
  const services = new Services(folder.file('logs'), new RunningFile(folder));
  try {
    const result = setTheStage({ folder, services, progress }).then(work);
    return await Promise.race([result, services.death, stopAsked]);
  } finally {
    progress.end();
    await services.stop();
    rmSync(path, { recursive: true, force: true });
  }
}

/** @param {import('./stage.mjs').Stage} stage */
async function measure(stage) {
  await warmUp(stage);
  const operations = await compare(stage);
  const cold = await firstUnseal(stage);
  const machine = { cores: availableParallelism(), platform: `${process.platform}-${process.arch}`, node: process.version, loadBefore };
  const { seconds, rounds } = options;
  return { at: new Date().toISOString(), machine, seconds, rounds, operations, cold, targets: targetsOf(operations, cold) };
}

/** Compiles the code on all paths, and tells PostgreSQL what is in the tables before plans for them are kept. */
async function warmUp(stage) {
  await progress.step(
    'Warming up',
    async () => {
      for (const operation of OPERATIONS) for (const server of SERVERS) await playRound(stage, server, operation, WARM_UP_SECONDS);
      await stage.ask('ANALYZE');
    },
    () => 'Warmed up',
  );
}

/**
 * Rounds of both operations and both servers in turn, the order changing each time: what disturbs the machine disturbs all.
 * @param {import('./stage.mjs').Stage} stage
 */
async function compare(stage) {
  const rounds = { seal: newRounds(), unseal: newRounds() };
  for (let n = 0; n < options.rounds; n++) {
    const servers = n % 2 === 0 ? SERVERS : SERVERS.toReversed();
    const name = `Round ${n + 1} of ${options.rounds}`;
    const play = async () => {
      for (const operation of OPERATIONS)
        for (const server of servers) rounds[operation][server].push(await playRound(stage, server, operation, options.seconds));
    };
    await progress.step(name, play, () => `${name}: ${inShort(rounds)}`);
  }
  return { seal: summaryOf(rounds.seal), unseal: summaryOf(rounds.unseal) };
}

/** @returns {import('./result.mjs').Rounds} */
function newRounds() {
  return { service: [], bare: [] };
}

/** Requests a second of the last rounds. @param {Record<'seal' | 'unseal', import('./result.mjs').Rounds>} rounds */
function inShort(rounds) {
  const rate = (played) => played.at(-1).requestsPerSecond.toFixed(0);
  return OPERATIONS.map((name) => `${name} ${rate(rounds[name].service)}, bare ${rate(rounds[name].bare)}`).join('; ');
}

/** @param {{ milliseconds: number, kmsCalls: number, stsCalls: number }} cold */
function coldText({ milliseconds, kmsCalls, stsCalls }) {
  return `${kmsCalls} KMS call${kmsCalls === 1 ? '' : 's'}, ${stsCalls} STS calls to open its sessions, ${milliseconds.toFixed(0)} ms`;
}

function readOptionsOrExit() {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error.message}\n${USAGE}`);
    process.exit(1);
  }
}
