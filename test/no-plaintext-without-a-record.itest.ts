import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ACTS, type ActWorld, anActWorld } from './harness/acts.js';
import type { SandboxCall } from './harness/sandbox.js';
import { type Keyhold, type Node, startKeyhold } from './harness/service.js';
import { anItem } from './harness/item.js';
import { aDefaultVault, anAwsKmsVault } from './harness/vault.js';

jest.setTimeout(60_000);

const SECRET = 'pL4intext-that-must-have-a-record';
/** Held by the test while an answer's event must wait. */
const GATE = 4711;

interface Recorded {
  type: string;
  request_id: string;
  at: Date;
  calls: { requestId?: string }[] | null;
}

const TEXT: unknown = expect.any(String);
const INTERNAL = { type: TEXT, title: TEXT, status: 500, detail: TEXT, code: 'internal', requestId: TEXT };
const INTERNAL_OF_CERBERUS = { error_id: TEXT, errors: [{ code: 99998, message: TEXT }] };

describe('no plaintext without a record', () => {
  let keyhold: Keyhold;
  let acme: ActWorld;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await anActWorld(keyhold, { dataKeyCacheSeconds: 0 });
  });
  afterAll(() => keyhold.stop());
  afterEach(async () => {
    await asAdmin('ALTER TABLE audit_events DROP CONSTRAINT IF EXISTS blocked');
    await asAdmin('GRANT INSERT ON audit_events TO keyhold_app');
    await asAdmin('DROP TRIGGER IF EXISTS gate ON audit_events');
    await asAdmin('SELECT pg_advisory_unlock_all()');
    await keyhold.sandbox.control.clearFaults();
  });

  const asAdmin = (text: string, values?: unknown[]) => keyhold.database.asAdmin<Record<string, unknown>>(text, values);
  const recorded = (itemId: string) =>
    keyhold.database.asAdmin<Recorded>('SELECT type, request_id, at, calls FROM audit_events WHERE item_id = $1 ORDER BY at', [itemId]);
  const typesOf = async (itemId: string) => (await recorded(itemId)).map(({ type }) => type);
  const refuseEvents = (condition = 'false') => asAdmin(`ALTER TABLE audit_events ADD CONSTRAINT blocked CHECK (${condition}) NOT VALID`);
  const contents = async () => {
    const tables = [
      'workspaces',
      'api_keys',
      'members',
      'sessions',
      'vaults',
      'vault_keys',
      'data_keys',
      'items',
      'item_versions',
      'audit_events',
      'idempotency_records',
    ];
    // When a key was last used is noted in the background, of requests that came before; codes are made fresh by the acts themselves.
    const row = `(to_jsonb(t) - '{last_used_at,totp_last_step}'::text[])::text`;
    return Promise.all(tables.map((table) => asAdmin(`SELECT md5(string_agg(${row}, ' ' ORDER BY ${row})) FROM ${table} t`)));
  };

  test.each(ACTS.map((act) => ({ ...act })))('$name does not happen when its event cannot be written', async ({ operationId, prepare }) => {
    const send = await prepare(acme);
    const before = await contents();
    await refuseEvents();
    const answer = await send();
    expect(answer.status).toBe(500);
    expect(answer.body).toEqual(operationId.startsWith('cerberus') ? INTERNAL_OF_CERBERUS : INTERNAL);
    expect(await contents()).toEqual(before);
    await asAdmin('ALTER TABLE audit_events DROP CONSTRAINT blocked');
    expect((await send()).status).toBeLessThan(300);
  });

  describe.each(['default', 'aws-kms'])('in a vault of the strategy %s', (strategy) => {
    let vaultId: string;

    beforeAll(async () => {
      vaultId = strategy === 'default' ? await aDefaultVault(acme.workspace, { dataKeyCacheSeconds: 0 }) : acme.vaultId;
    });
    const aSecret = () => anItem(acme.workspace, { secret: SECRET }, { vaultId });
    const aToken = async () =>
      (await acme.workspace.call('POST', '/seal', { vaultId, context: 'c', payload: { secret: SECRET } })).body.sealed as string;

    test.each<[string, () => Promise<unknown>]>([
      ['the right to write it is gone', () => asAdmin('REVOKE INSERT ON audit_events FROM keyhold_app')],
      ['the intent cannot be written', () => refuseEvents(`type NOT LIKE '%.requested'`)],
      ['the outcome cannot be written', () => refuseEvents(`type NOT LIKE '%.unsealed'`)],
      ['a single entry of a batch cannot be written', () => refuseEvents(`details ->> 'context' IS DISTINCT FROM 'last'`)],
    ])('nothing is answered when %s', async (what, block) => {
      const [id, sealed] = [await aSecret(), await aToken()];
      const last = (await acme.workspace.call('POST', '/seal', { vaultId, context: 'last', payload: { secret: SECRET } })).body
        .sealed as string;
      await block();
      const answers = [
        await acme.workspace.call('POST', '/unseal', {
          entries: [
            { context: 'c', sealed },
            { context: 'last', sealed: last },
          ],
        }),
        ...(what.includes('batch') ? [] : [await acme.workspace.call('POST', `/items/${id}/unseal`)]),
      ];
      for (const { status, text } of answers) {
        expect(status).toBe(500);
        expect(text).not.toContain(SECRET);
      }
      expect(await typesOf(id)).not.toContain('item.unsealed');
    });

    test('nothing is answered while the event waits, nor when it waited too long', async () => {
      const id = await aSecret();
      await gateOutcomes();
      let isAnswered = false;
      const unsealing = acme.workspace.call('POST', `/items/${id}/unseal`).finally(() => (isAnswered = true));
      await someoneWaitsAtTheGate();
      expect(isAnswered).toBe(false);
      expect(await typesOf(id)).toEqual(['item.created', 'item.unseal.requested']);
      const answer = await unsealing;
      expect(answer).toMatchObject({ status: 503 });
      expect(answer.text).not.toContain(SECRET);
    });

    test('a process that is killed before the outcome is recorded has answered nothing, and the intent stands', async () => {
      const id = await aSecret();
      const node = await keyhold.anotherNode();
      await gateOutcomes();
      const unsealing = unsealAt(node, id);
      await someoneWaitsAtTheGate();
      await node.stop('SIGKILL');
      await expect(unsealing).rejects.toThrow('fetch failed');
      // The database may already hold the commit and carry it out: the trail may tell more than was answered, never less.
      expect(await typesOf(id)).toEqual(expect.arrayContaining(['item.created', 'item.unseal.requested']));
    });

    test('the record is durable before the answer: it is there when the process is killed at that moment', async () => {
      const id = await aSecret();
      const node = await keyhold.anotherNode();
      const { requestId } = await unsealAt(node, id);
      await node.stop('SIGKILL');
      expect((await recorded(id)).filter(({ request_id }) => request_id === requestId).map(({ type }) => type)).toEqual([
        'item.unseal.requested',
        'item.unsealed',
      ]);
    });
  });

  test('a process that is killed while KMS hangs leaves the intent', async () => {
    const id = await anItem(acme.workspace, { secret: SECRET }, { vaultId: acme.vaultId });
    const node = await keyhold.anotherNode();
    await keyhold.sandbox.control.fault({ operation: 'Decrypt', fault: { kind: 'hang' } });
    const { lastSeq } = await keyhold.sandbox.control.ledger();
    const unsealing = unsealAt(node, id);
    await until(async () => (await decryptsSince(lastSeq)).length > 0);
    expect(await typesOf(id)).toEqual(['item.created', 'item.unseal.requested']);
    await node.stop('SIGKILL');
    await expect(unsealing).rejects.toThrow('fetch failed');
    expect(await typesOf(id)).toEqual(['item.created', 'item.unseal.requested']);
  });

  test('every Decrypt that KMS saw for an unseal has an intent that was on record before', async () => {
    const { vaultId: warm } = await anAwsKmsVault(keyhold, acme.workspace, { name: 'Warm', itemsPerDataKey: 3 });
    const ids = await Promise.all(
      Array.from({ length: 24 }, (_, i) => anItem(acme.workspace, { i }, { vaultId: i % 2 === 0 ? acme.vaultId : warm })),
    );
    const entries = Array.from({ length: 12 }, (_, i) => ({ context: `c${i}`, payload: { i } }));
    const { results } = (await acme.workspace.call('POST', '/seal', { vaultId: warm, entries })).body as { results: { sealed: string }[] };
    const node = await keyhold.anotherNode(); // with no key open
    const { lastSeq } = await keyhold.sandbox.control.ledger();
    const faults = [
      { kind: 'throttle' },
      { kind: 'error', status: 500, code: 'KMSInternalException' },
      { kind: 'reset' },
      { kind: 'garbage' },
    ] as const;
    for (const fault of faults) await keyhold.sandbox.control.fault({ operation: 'Decrypt', times: 3, fault });
    await Promise.all([
      ...ids.flatMap((id) => [unsealAt(node, id), unsealAt(node, id)]),
      at(node, '/unseal', { entries: results.map(({ sealed }, i) => ({ context: `c${i}`, sealed })) }),
    ]);
    const decrypts = (await decryptsSince(lastSeq)).filter(({ callerArn }) => callerArn?.endsWith('.unseal'));
    expect(decrypts.length).toBeGreaterThan(24);

    const events = await keyhold.database.asAdmin<Recorded>(
      'SELECT type, request_id, at, calls FROM audit_events WHERE workspace_id = $1',
      [acme.workspace.id],
    );
    const withoutIntent = decrypts.filter((call) => isAnswered(call) && !hasEarlierIntent(call, events));
    expect(withoutIntent).toEqual([]);
    console.log(`figure: decrypts-for-unseals = ${decrypts.length}`);
    console.log(`figure: decrypts-without-earlier-intent = ${withoutIntent.length}`);
  });

  test('what went wrong was told to nobody', () => {
    expect(keyhold.log()).not.toContain(SECRET);
  });

  const decryptsSince = async (seq: number): Promise<SandboxCall[]> =>
    (await keyhold.sandbox.control.ledger(seq)).calls.filter(({ operation }) => operation === 'Decrypt');

  /** Lets no outcome of an unseal be written before the test lets go. */
  async function gateOutcomes(): Promise<void> {
    await asAdmin(`CREATE OR REPLACE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql
      AS 'BEGIN PERFORM pg_advisory_xact_lock(${GATE}); RETURN NEW; END'`);
    await asAdmin(
      `CREATE TRIGGER gate BEFORE INSERT ON audit_events FOR EACH ROW WHEN (NEW.type = 'item.unsealed') EXECUTE FUNCTION wait_at_gate()`,
    );
    await asAdmin(`SELECT pg_advisory_lock(${GATE})`);
  }
  const someoneWaitsAtTheGate = () =>
    until(async () => (await asAdmin(`SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = ${GATE} AND NOT granted`)).length > 0);

  async function at(node: Node, below: string, body?: object): Promise<{ requestId: string | null; text: string }> {
    const answer = await fetch(`${node.url}/v1/workspaces/${acme.workspace.id}${below}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${acme.workspace.token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { requestId: answer.headers.get('x-request-id'), text: await answer.text() };
  }
  const unsealAt = (node: Node, itemId: string) => at(node, `/items/${itemId}/unseal`);
});

/** Asks until it is so; the test's own time limit ends it. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo()));
}

/** Of the others the caller never learnt the request id. */
const isAnswered = ({ outcome }: SandboxCall): boolean => !/^fault:(?:reset|hang|garbage)|pending/.test(outcome);

/** Joins as an auditor would: KMS request id to outcome, request to intent. The ledger counts in milliseconds. */
function hasEarlierIntent(call: SandboxCall, events: Recorded[]): boolean {
  const requests = new Set(
    events.filter(({ calls }) => calls?.some(({ requestId }) => requestId === call.requestId)).map((event) => event.request_id),
  );
  return events.some(({ type, request_id, at }) => type.endsWith('.requested') && requests.has(request_id) && at <= new Date(call.at));
}
