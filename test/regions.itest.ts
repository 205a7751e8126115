import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Answer, type Client, aClient } from './harness/client.js';
import { type Customer, aCustomer } from './harness/customer.js';
import type { SandboxCall, SandboxFault } from './harness/sandbox.js';
import { type Keyhold, type Workspace, startKeyhold } from './harness/service.js';

jest.setTimeout(60_000);

const MAIN = 'us-east-2';
const REPLICA = 'us-west-2';
/** AWS is asked for 4 seconds at most; an answer that takes longer than this one was not bounded at all. */
const PATIENCE_MS = 6_000;

const FAULTS: SandboxFault[] = [
  { kind: 'black-hole' },
  { kind: 'hang' },
  { kind: 'slow-drip' },
  { kind: 'throttle' },
  { kind: 'reset' },
  { kind: 'garbage' },
  { kind: 'html' },
  { kind: 'error', status: 500, code: 'InternalFailure' },
  { kind: 'error', status: 503, code: 'ServiceUnavailable' },
];
const named = (fault: SandboxFault): string => (fault.kind === 'error' ? `${fault.status} ${fault.code}` : fault.kind);

let keyhold: Keyhold;
let acme: Workspace;
let customer: Customer;
let here: Client;
/** Where things are sealed beforehand, so that the node here has neither sessions nor data keys of the vault. */
let there: Client;
let vaults = 0;

beforeAll(async () => {
  keyhold = await startKeyhold();
  acme = await keyhold.aWorkspace('Acme');
  customer = await aCustomer(keyhold.sandbox, { externalId: acme.id, principalArn: keyhold.platform.principalArn });
  here = clientOf(keyhold.url);
  there = clientOf((await keyhold.anotherNode()).url);
}, 90_000);
afterEach(() => keyhold.sandbox.control.clearFaults());
afterAll(() => keyhold.stop());

const clientOf = (url: string): Client => aClient(`${url}/v1/workspaces/${acme.id}`, acme.token, { patienceMs: PATIENCE_MS });

interface Sealed {
  vaultId: string;
  itemId: string;
}

/** An item in a vault of its own that only the node there has ever worked with. */
async function somethingSealedThere(): Promise<Sealed> {
  vaults += 1;
  const order = { name: `Vault ${vaults}`, strategy: 'aws-kms', awsKms: customer.target };
  const created = await there('POST', '/vaults', order);
  const vaultId = created.body.vault.id as string;
  const sealed = await sealing(there, vaultId);
  expect([created.status, sealed.status]).toEqual([201, 201]);
  return { vaultId, itemId: sealed.body.id as string };
}

const sealing = (node: Client, vaultId: string): Promise<Answer> =>
  node('POST', '/items', { kind: 'secret', name: 'n', vaultId, payload: { password: 'correct horse' } });

const unsealing = (node: Client, { itemId }: Sealed): Promise<Answer> => node('POST', `/items/${itemId}/unseal`);

const during = <T>(work: () => Promise<T>) => keyhold.sandbox.control.callsDuring(work);

interface Event {
  type: string;
  region: string | null;
  kmsRequestId: string | null;
  calls: { service: string; region: string; outcome: string; requestId?: string }[];
}

async function eventOf({ headers }: Answer, type: string): Promise<Event> {
  const { body } = await there('GET', `/audit-events?requestId=${headers.get('x-request-id') ?? ''}&type=${type}`);
  const [event, ...others] = body.data as Event[];
  if (!event || others.length > 0) throw new Error(`not one event ${type}: ${JSON.stringify(body)}`);
  return event;
}

const regionsAsked = ({ calls }: Event, service: string): string[] =>
  calls.filter((call) => call.service === service).map(({ region }) => region);

/** The event names the request that decided; the sandbox saw it, and the customer reads it in its own trail. */
async function expectDecidedIn(region: string, event: Event, calls: readonly SandboxCall[]): Promise<void> {
  expect(event.region).toBe(region);
  const requestId = event.kmsRequestId ?? '';
  expect(calls.find((call) => call.requestId === requestId)).toMatchObject({ service: 'kms', region, outcome: 'ok' });
  expect(await customer.trailOf(region, requestId)).toMatchObject([
    { eventSource: 'kms.amazonaws.com', awsRegion: region, recipientAccountId: customer.accountId },
  ]);
}

describe.each(FAULTS.map((fault) => [named(fault), fault] as const))('a main Region that meets every call with %s', (_name, fault) => {
  test('in KMS: the replica seals and unseals, and is named in the trail', async () => {
    const sealed = await somethingSealedThere();
    await keyhold.sandbox.control.fault({ region: MAIN, service: 'kms', fault });
    const { result, calls } = await during(() => Promise.all([unsealing(here, sealed), sealing(here, sealed.vaultId)]));
    const [unseal, seal] = result;
    expect(unseal).toMatchObject({ status: 200, body: { payload: { password: 'correct horse' } } });
    expect(seal).toMatchObject({ status: 201 });
    for (const event of [await eventOf(unseal, 'item.unsealed'), await eventOf(seal, 'item.created')]) {
      const [first, ...later] = regionsAsked(event, 'kms');
      expect([first, later.at(-1)]).toEqual([MAIN, REPLICA]);
      await expectDecidedIn(REPLICA, event, calls);
    }
  });

  test('in STS: the other Region’s STS lets us in, and KMS is asked in the main Region as ever', async () => {
    const sealed = await somethingSealedThere();
    const node = await keyhold.anotherNode();
    const fresh = clientOf(node.url);
    await keyhold.sandbox.control.fault({ region: MAIN, service: 'sts', fault });
    const { result, calls } = await during(() => Promise.all([unsealing(fresh, sealed), sealing(fresh, sealed.vaultId)]));
    await node.stop();
    const [unseal, seal] = result;
    expect([unseal.status, seal.status]).toEqual([200, 201]);
    expect(calls.some(({ service, region }) => service === 'sts' && region === MAIN)).toBe(true);
    for (const event of [await eventOf(unseal, 'item.unsealed'), await eventOf(seal, 'item.created')]) {
      expect(regionsAsked(event, 'sts').at(-1)).toBe(REPLICA);
      expect(regionsAsked(event, 'kms')).toEqual([MAIN]);
      await expectDecidedIn(MAIN, event, calls);
    }
  });
});

describe('a main Region that is gone altogether', () => {
  test('is stood in for by the replica, signing in included', async () => {
    const sealed = await somethingSealedThere();
    await keyhold.sandbox.control.fault({ region: MAIN, fault: { kind: 'black-hole' } });
    const [unseal, seal] = await Promise.all([unsealing(here, sealed), sealing(here, sealed.vaultId)]);
    expect([unseal.status, seal.status]).toEqual([200, 201]);
  });

  test('is stood in for also on a node that starts during the outage', async () => {
    const sealed = await somethingSealedThere();
    await keyhold.sandbox.control.fault({ region: MAIN, fault: { kind: 'black-hole' } });
    const node = await keyhold.anotherNode();
    expect(await unsealing(clientOf(node.url), sealed)).toMatchObject({ status: 200 });
    await node.stop();
  });

  test('makes a vault degraded when it is checked, which goes on sealing and unsealing, and healthy again afterwards', async () => {
    const { vaultId, itemId } = await somethingSealedThere();
    const lift = await keyhold.sandbox.control.fault({ region: MAIN, service: 'kms', fault: { kind: 'reset' } });
    expect(await here('POST', `/vaults/${vaultId}/verify`)).toMatchObject({ status: 200, body: { ok: false, health: 'degraded' } });
    expect(await here('GET', `/vaults/${vaultId}`)).toMatchObject({
      body: { keyHealth: 'degraded', keyHealthCause: 'region_unreachable', keyHealthRegion: MAIN },
    });
    expect([(await unsealing(here, { vaultId, itemId })).status, (await sealing(here, vaultId)).status]).toEqual([200, 201]);
    await lift();
    expect(await here('POST', `/vaults/${vaultId}/verify`)).toMatchObject({ body: { ok: true, health: 'healthy' } });
    expect(await here('GET', `/vaults/${vaultId}`)).toMatchObject({ body: { keyHealth: 'healthy', keyHealthCause: null } });
  });

  test('lets no new key be registered: both Regions must prove themselves', async () => {
    await keyhold.sandbox.control.fault({ region: MAIN, service: 'kms', fault: { kind: 'reset' } });
    const answer = await here('POST', '/vaults', { name: 'During the outage', strategy: 'aws-kms', awsKms: customer.target });
    expect(answer).toMatchObject({ status: 422, body: { code: 'vault_key_rejected' } });
    expect(answer.body.checks).toContainEqual(
      expect.objectContaining({ check: 'describe_key', region: MAIN, ok: false, cause: 'region_unreachable' }),
    );
  });
});

test('a replica’s Region that is gone is not noticed by those who seal and unseal', async () => {
  const sealed = await somethingSealedThere();
  await keyhold.sandbox.control.fault({ region: REPLICA, fault: { kind: 'black-hole' } });
  const { result, calls } = await during(() => Promise.all([unsealing(here, sealed), sealing(here, sealed.vaultId)]));
  expect(result.map(({ status }) => status)).toEqual([200, 201]);
  expect(new Set(calls.filter(({ service }) => service === 'kms').map(({ region }) => region))).toEqual(new Set([MAIN]));
});

describe('both Regions out', () => {
  const rows = async (): Promise<unknown> =>
    (
      await keyhold.database.asAdmin(
        'SELECT (SELECT count(*) FROM items) AS items, (SELECT count(*) FROM item_versions) AS versions, (SELECT count(*) FROM data_keys) AS keys',
      )
    )[0];

  test.each([{ kind: 'black-hole' }, { kind: 'reset' }, { kind: 'throttle' }] as const)(
    'by $kind: whoever must ask is told to come back, and nothing is stored',
    async (fault) => {
      const sealed = await somethingSealedThere();
      const before = await rows();
      await keyhold.sandbox.control.fault({ service: 'kms', fault });
      const answers = await Promise.all([unsealing(here, sealed), sealing(here, sealed.vaultId)]);
      for (const answer of answers) {
        expect(answer).toMatchObject({ status: 503, body: { code: 'vault_key_unreachable', remedy: expect.any(String) } });
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(answer.text).not.toContain('correct horse');
      }
      expect(await rows()).toEqual(before);
      expect(await eventOf(answers[0], 'item.unseal.refused')).toMatchObject({ details: { code: 'unreachable' } });
    },
  );

  test('what is open stays open within its age, for unsealing and for sealing', async () => {
    const sealed = await somethingSealedThere();
    await unsealing(here, sealed);
    await sealing(here, sealed.vaultId);
    await keyhold.sandbox.control.fault({ fault: { kind: 'reset' } });
    const { result, calls } = await during(() =>
      Promise.all([here, there].flatMap((node) => [unsealing(node, sealed), sealing(node, sealed.vaultId)])),
    );
    expect(result.map(({ status }) => status)).toEqual([200, 201, 200, 201]);
    expect(calls).toEqual([]);
  });

  test('is no refusal: all is well at once when a Region is back, without anybody’s doing', async () => {
    const sealed = await somethingSealedThere();
    const lift = await keyhold.sandbox.control.fault({ service: 'kms', fault: { kind: 'reset' } });
    expect((await unsealing(here, sealed)).status).toBe(503);
    await lift();
    expect((await unsealing(here, sealed)).status).toBe(200);
    expect(await here('GET', `/vaults/${sealed.vaultId}`)).toMatchObject({ body: { keyHealth: 'healthy' } });
  });

  test('is found by a check, which makes the vault unreachable, and healthy by the next', async () => {
    const sealed = await somethingSealedThere();
    const lift = await keyhold.sandbox.control.fault({ service: 'kms', fault: { kind: 'reset' } });
    expect(await here('POST', `/vaults/${sealed.vaultId}/verify`)).toMatchObject({ body: { ok: false, health: 'unreachable' } });
    expect((await unsealing(there, sealed)).status).toBe(200);
    await lift();
    expect(await here('POST', `/vaults/${sealed.vaultId}/verify`)).toMatchObject({ body: { ok: true, health: 'healthy' } });
  });
});

describe.each(['wrong-key-id', 'wrong-plaintext'] as const)('an answer with %s', (kind) => {
  test('opens nothing, asks no other Region, and says nothing against the key’s owner', async () => {
    const sealed = await somethingSealedThere();
    await keyhold.sandbox.control.fault({ region: MAIN, service: 'kms', fault: { kind } });
    const { result: answer, calls } = await during(() => unsealing(here, sealed));
    expect(answer).toMatchObject({ status: 422, body: { code: 'sealed_data_not_intact' } });
    expect(calls.filter(({ service }) => service === 'kms').map(({ region }) => region)).toEqual([MAIN]);
    expect(await here('GET', `/vaults/${sealed.vaultId}`)).toMatchObject({ body: { keyHealth: 'healthy' } });
    await keyhold.sandbox.control.clearFaults();
    expect((await unsealing(here, sealed)).status).toBe(200);
  });
});
