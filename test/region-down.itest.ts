import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Client, aClient } from './harness/client.js';
import { times } from './harness/flood.js';
import { type Keyhold, startKeyhold } from './harness/service.js';
import { anAwsKmsVault } from './harness/vault.js';

jest.setTimeout(180_000);

const MAIN = 'us-east-2';
const REPLICA = 'us-west-2';
const VAULTS = 3;
const LOOPS_PER_VAULT = 4;
/** What an outage may cost before the replica serves as if nothing had happened. */
const GRACE_MS = 5_000;
const UNSEALS = 1_500;
/** Requests to KMS for one unseal: retries and second Regions included. */
const AMPLIFICATION_MAX = 1.2;

interface Unseal {
  startedAfterMs: number;
  status: number;
}

let keyhold: Keyhold;
let unseals: (() => Promise<number>)[];

beforeAll(async () => {
  keyhold = await startKeyhold();
  const nodes = [keyhold.url, (await keyhold.anotherNode()).url];
  unseals = (await Promise.all(times(VAULTS, () => anUnsealedVault(nodes)))).flat();
  expect(await Promise.all(unseals.map((unseal) => unseal()))).toEqual(unseals.map(() => 200));
}, 90_000);
afterAll(() => keyhold.stop());

/** Unseals of one vault whose data keys are kept nowhere: each asks KMS. */
async function anUnsealedVault(nodes: readonly string[]): Promise<(() => Promise<number>)[]> {
  const workspace = await keyhold.aWorkspace();
  const { vaultId } = await anAwsKmsVault(keyhold, workspace, { dataKeyCacheSeconds: 0 });
  const { body } = await workspace.call('POST', '/items', { kind: 'secret', name: 'n', vaultId, payload: { password: 'correct horse' } });
  const clients = nodes.map((url) => aClient(`${url}/v1/workspaces/${workspace.id}`, workspace.token));
  return times(LOOPS_PER_VAULT, (loop) => {
    const client = clients[loop % clients.length] as Client;
    return async () => (await client('POST', `/items/${body.id as string}/unseal`)).status;
  });
}

/** Goes on unsealing in so many loops until enough unseals began after the time of grace. */
async function unsealingThroughAnOutage(): Promise<Unseal[]> {
  const began = performance.now();
  const done: Unseal[] = [];
  const afterGrace = () => done.filter(({ startedAfterMs }) => startedAfterMs >= GRACE_MS).length;
  const loop = async (unseal: () => Promise<number>) => {
    while (afterGrace() < UNSEALS) {
      const startedAfterMs = performance.now() - began;
      done.push({ startedAfterMs, status: await unseal() });
    }
  };
  await Promise.all(unseals.map(loop));
  return done;
}

describe('while the main Region swallows every packet', () => {
  test('unseals succeed as ever after five seconds, and the replica’s Region gets no more calls than there are unseals', async () => {
    await keyhold.sandbox.control.fault({ region: MAIN, fault: { kind: 'black-hole' } });
    const { result, calls } = await keyhold.sandbox.control.callsDuring(unsealingThroughAnOutage);
    const served = result.filter(({ startedAfterMs }) => startedAfterMs >= GRACE_MS);
    const succeeded = served.filter(({ status }) => status === 200).length;
    const percent = (100 * succeeded) / served.length;
    console.log(`figure: region-down-unseal-success = ${percent.toFixed(2)}`);
    expect(served.length).toBeGreaterThanOrEqual(UNSEALS);
    expect(percent).toBeGreaterThanOrEqual(99.9);
    const decrypts = calls.filter(({ operation }) => operation === 'Decrypt');
    expect(decrypts.length / result.length).toBeLessThanOrEqual(AMPLIFICATION_MAX);
    expect(new Set(decrypts.filter(({ outcome }) => outcome === 'ok').map(({ region }) => region))).toEqual(new Set([REPLICA]));
  });
});
