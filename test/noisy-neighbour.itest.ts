import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Client, aClient } from './harness/client.js';
import { times } from './harness/flood.js';
import { type Noise, aNoise } from './harness/noise.js';
import type { SandboxFault } from './harness/sandbox.js';
import { type Keyhold, type Workspace, startKeyhold } from './harness/service.js';
import { anAwsKmsVault } from './harness/vault.js';

jest.setTimeout(240_000);

const NEIGHBOURS = 50;
/** One request of each neighbour in so long. */
const PERIOD_MS = 1_000;
const PERIODS = 3;
/** Of quiet and noise in turn, so that whatever else changes on this machine meanwhile is in both. */
const ROUNDS = 5;
/** What the noisy one sends in a period; its neighbours send one request each. */
const FLOOD = 20;
/** Fewer than the flood: of the service's limits, not of the test's. */
const LIMITS = {
  KEYHOLD_REQUESTS_PER_SECOND: '10',
  KEYHOLD_REQUESTS_BURST: '20',
  KEYHOLD_REQUESTS_AT_ONCE: '16',
  KEYHOLD_MEGABYTES_PER_MINUTE: '16',
};
const MEGABYTE = 'x'.repeat(1_000_000);

/** One request of a neighbour, with what it took from the moment at which it was to leave. */
interface Served {
  status: number;
  ms: number;
}

interface Tenant {
  /** Of the node under those limits. */
  call: Client;
  itemId: string;
}

let keyhold: Keyhold;
let neighbours: Tenant[];
let noisy: Tenant & { keyId: string; noise: (method: string, path: string, body?: object) => Promise<Noise> };
let limited: string;

beforeAll(async () => {
  keyhold = await startKeyhold();
  limited = (await keyhold.anotherNode(LIMITS)).url;
  neighbours = [];
  for (let index = 0; index < NEIGHBOURS; index += 1) neighbours.push(await aTenant());
  const workspace = await keyhold.aWorkspace('Noisy');
  const { vaultId, customer } = await anAwsKmsVault(keyhold, workspace, { dataKeyCacheSeconds: 0 });
  const base = `${limited}/v1/workspaces/${workspace.id}`;
  const noise = (method: string, path: string, body?: object) =>
    aNoise({ url: `${base}${path}`, method, token: workspace.token, body, everyMs: PERIOD_MS / FLOOD });
  noisy = { ...(await anItem(workspace, vaultId)), keyId: customer.keyId, noise };
}, 120_000);
afterEach(() => keyhold.sandbox.control.clearFaults());
afterAll(() => keyhold.stop());

async function aTenant(): Promise<Tenant> {
  const workspace = await keyhold.aWorkspace();
  return anItem(workspace, workspace.defaultVaultId);
}

async function anItem(workspace: Workspace, vaultId: string): Promise<Tenant> {
  const { body } = await workspace.call('POST', '/items', { kind: 'secret', name: 'n', vaultId, payload: { password: 'correct horse' } });
  return { call: aClient(`${limited}/v1/workspaces/${workspace.id}`, workspace.token), itemId: body.id as string };
}

const until = (moment: number) => new Promise((resolve) => setTimeout(resolve, moment - performance.now()));

/** Every neighbour seals or unseals once in each period, at a time of its own, whatever became of the request before. */
async function neighboursWork(): Promise<Served[]> {
  const began = performance.now();
  const requests = neighbours.flatMap((tenant, index) =>
    times(PERIODS, async (period) => {
      const due = began + period * PERIOD_MS + (index * PERIOD_MS) / NEIGHBOURS;
      await until(due);
      const { status } = await (period % 2 === 0 ? unsealing(tenant) : sealing(tenant));
      return { status, ms: performance.now() - due };
    }),
  );
  return Promise.all(requests);
}

const unsealing = ({ call, itemId }: Tenant) => call('POST', `/items/${itemId}/unseal`);
const sealing = ({ call }: Tenant) => call('POST', '/items', { kind: 'secret', name: 'n', payload: { password: 'p' } });

function p99(served: readonly Served[]): number {
  const sorted = served.map(({ ms }) => ms).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
}

const errorsIn = (served: readonly Served[]) => served.filter(({ status }) => status >= 300).length;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

interface Measured {
  /** What the neighbours got in each round. */
  quiet: Served[][];
  disturbed: Served[][];
  /** What the noisy one got. */
  statuses: number[];
}

/** One thing is changed: with a fault the same is asked in quiet, of a KMS that works; without one nothing is. */
async function measured(makeNoise: () => Promise<Noise>, fault?: SandboxFault): Promise<Measured> {
  const [quiet, disturbed, statuses]: [Served[][], Served[][], number[]] = [[], [], []];
  for (let round = 0; round < ROUNDS; round += 1) {
    const usual = fault && (await makeNoise());
    quiet.push(await neighboursWork());
    await usual?.stop();
    if (fault) await keyhold.sandbox.control.fault({ keyId: noisy.keyId, fault });
    const noise = await makeNoise();
    disturbed.push(await neighboursWork());
    statuses.push(...(await noise.stop()));
    await keyhold.sandbox.control.clearFaults();
  }
  return { quiet, disturbed, statuses };
}

interface Case {
  fault?: SandboxFault;
  noise: () => Promise<Noise>;
  answers: readonly number[];
}

const unsealed = () => noisy.noise('POST', `/items/${noisy.itemId}/unseal`);
const LARGE_ITEMS = 'a flood of large items';
const NOISE: Readonly<Record<string, Case>> = {
  'a KMS that hangs': { fault: { kind: 'hang' }, noise: unsealed, answers: [429, 503] },
  'a KMS that throttles': { fault: { kind: 'throttle' }, noise: unsealed, answers: [429, 503] },
  'a flood of requests': { noise: () => noisy.noise('GET', '/items'), answers: [200, 429] },
  [LARGE_ITEMS]: {
    noise: () => noisy.noise('POST', '/items', { kind: 'secret', name: 'n', payload: { note: MEGABYTE } }),
    answers: [201, 429],
  },
};

describe('the neighbours of a workspace with', () => {
  const changes: Record<string, number> = {};
  let errors = 0;
  afterAll(() => {
    const { [LARGE_ITEMS]: byLargeItems = Number.NaN, ...others } = changes;
    console.log(`figure: neighbour-p99-change = ${Math.max(...Object.values(others)).toFixed(1)}`);
    console.log(`figure: neighbour-p99-change-by-large-items = ${byLargeItems.toFixed(1)}`);
    console.log(`figure: neighbour-errors = ${errors}`);
  });

  test.each(Object.entries(NOISE))('%s get every answer, and it gets refusals that say so', async (what, { fault, noise, answers }) => {
    const { quiet, disturbed, statuses } = await measured(noise, fault);
    // Of each round, and of these the one in the middle: a disk that stalls for a second is no neighbour's doing.
    const [without, withIt] = [median(quiet.map(p99)), median(disturbed.map(p99))];
    changes[what] = 100 * (withIt / without - 1);
    console.log(`${what}: p99 ${without.toFixed(1)} ms without it, ${withIt.toFixed(1)} ms with it`);
    errors += errorsIn([...disturbed, ...quiet].flat());
    expect(errorsIn(disturbed.flat())).toBe(0);
    expect(new Set(statuses)).toEqual(new Set(answers));
  });
});
