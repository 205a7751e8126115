import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { type RequestContext, RowMacs } from '#access';
import type { AuditEvent } from '#audit';
import { Database, IdempotencyRecords, WorkerDatabase } from '#database';
import { RootKey } from '#envelope';
import { OutboundAddresses } from '#outbound';
import { type TestDatabase, aDatabase } from '../../../../test/harness/database.js';
import { eventually } from '../../../../test/harness/eventually.js';
import { aMailServer } from '../../../../test/harness/mail-server.js';
import { aNode, aRequest } from '../../../items/src/testing/a-node.js';
import { MailReceivers } from '../mail/mail-receivers.js';
import { Mailer } from '../mail/mailer.js';
import { AlertSettings } from '../settings/alert-settings.js';
import { AlertSettingsRows } from '../settings/alert-settings-rows.js';
import { type Received, type Receiver, aReceiver } from '../testing/a-receiver.js';
import { CreateWebhook } from '../webhooks/create-webhook.js';
import { RotateWebhookSecret } from '../webhooks/rotate-webhook-secret.js';
import { WebhookReceivers } from '../webhooks/webhook-receivers.js';
import { WebhookRows } from '../webhooks/webhook-rows.js';
import { WebhookSecrets } from '../webhooks/webhook-secrets.js';
import { WebhookTargets } from '../webhooks/webhook-targets.js';
import { WebhookTransport } from '../webhooks/webhook-transport.js';
import { DeliverAlerts } from './deliver-alerts.js';
import type { StoredDelivery } from './delivery-store.js';
import type { Receivers } from './receivers.js';

jest.setTimeout(60_000);

const ROOT_KEY = RootKey.fromBytes(Buffer.alloc(32, 7));
const MINUTE_MS = 60_000;
const HEALTH_CHANGED = 'vault.key.health_changed' as const;
const NOBODY: Receivers = { deliver: () => Promise.resolve({ ok: false, failure: 'mail_not_set_up', isFinal: false }) };

describe('telling receivers', () => {
  let server: TestDatabase;
  let database: Database;
  let worker: WorkerDatabase;
  let receiver: Receiver;
  let ctx: RequestContext;
  let path: string;
  let clock: number;
  const macs = new RowMacs(ROOT_KEY);
  const rows = new WebhookRows(macs);
  const alertSettings = new AlertSettingsRows(macs);
  const secrets = new WebhookSecrets(ROOT_KEY);
  const failures: unknown[] = [];

  beforeAll(async () => {
    server = await aDatabase();
    database = new Database({ url: server.serviceUrl, poolSize: 8 }, new IdempotencyRecords(ROOT_KEY));
    worker = new WorkerDatabase({ url: server.workerUrl, poolSize: 4 });
    receiver = await aReceiver();
  });
  afterAll(async () => {
    await Promise.all([database.close(), worker.close(), receiver.stop()]);
    await server.drop();
  });
  beforeEach(async () => {
    ctx = await aWorkspace();
    path = `/${randomUUID()}`;
    clock = Date.now();
    receiver.answers = () => 204;
    failures.length = 0;
  });

  async function aWorkspace(): Promise<RequestContext> {
    const node = aNode(server.serviceUrl);
    const request = aRequest();
    await node.createWorkspace.run(request, { name: 'Acme', ownerEmail: 'owner@acme.example' });
    await node.database.close();
    return request;
  }
  const origins = () => new Set([receiver.origin]);
  const addresses = () => new OutboundAddresses(origins());
  const aWorker = (answerMs = 5_000, email = NOBODY): DeliverAlerts =>
    new DeliverAlerts(
      worker,
      database,
      rows,
      { webhook: new WebhookReceivers(database, rows, secrets, new WebhookTransport(addresses(), answerMs)), email },
      { onFailure: (error) => failures.push(error), now: () => new Date(clock), random: () => 0.5 },
    );
  const aWebhook = async (at = path, owner = ctx): Promise<{ id: string; secret: string }> => {
    const create = new CreateWebhook(database, rows, secrets, new WebhookTargets(addresses(), origins()));
    const { webhook, secret } = await create.run(owner, { name: 'W', url: `${receiver.origin}${at}`, eventTypes: [HEALTH_CHANGED] });
    return { id: webhook.id, secret };
  };
  const happens = (event: Partial<AuditEvent> = {}, owner = ctx): Promise<null> =>
    database.act(owner, () => ({
      result: null,
      event: { type: HEALTH_CHANGED, details: { after: 'refused', cause: 'key_disabled' }, ...event },
    }));
  const told = (at = path) => receiver.received.filter((received) => received.path === at);
  const look = async (alerts: DeliverAlerts): Promise<void> => {
    await alerts.look();
    await alerts.settled();
  };
  const deliveries = (owner = ctx): Promise<StoredDelivery[]> =>
    server.asAdmin<StoredDelivery & Record<string, unknown>>(
      'SELECT * FROM alert_deliveries WHERE workspace_id = $1 ORDER BY created_at, delivery_id',
      [owner.workspaceId],
    );
  const events = (type: string): Promise<{ details: Record<string, unknown> }[]> =>
    server.asAdmin('SELECT details FROM audit_events WHERE workspace_id = $1 AND type = $2 ORDER BY at', [ctx.workspaceId, type]);

  test('an event is one signed message to each receiver that wants its type, with its id', async () => {
    const { secret } = await aWebhook();
    await happens();
    await database.act(ctx, () => ({ result: null, event: { type: 'vault.updated' } }));
    await look(aWorker());
    const [message, ...others] = told();
    expect(others).toEqual([]);
    const body = new Webhook(secret).verify(message?.body ?? '', message?.headers as Record<string, string>) as Record<string, unknown>;
    expect(body).toMatchObject({
      envelope_version: 1,
      event_type: HEALTH_CHANGED,
      event_id: message?.headers['webhook-id'],
      workspace_id: ctx.workspaceId,
      data: { actor: { name: ctx.principal.name }, details: { after: 'refused' } },
      error: { cause: 'key_disabled' },
    });
    expect(await deliveries()).toMatchObject([{ state: 'delivered', attempts: 1, response_status: 204, failure: null }]);
    expect(() => new Webhook(secret).verify(`${message?.body} `, message?.headers as Record<string, string>)).toThrow();
  });

  test('an event whose act is undone is told to nobody', async () => {
    await aWebhook();
    const undone = database.act(ctx, async (tx) => {
      await tx.query({ name: 'test-nothing', text: 'SELECT $1::uuid' });
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    expect(await server.asAdmin('SELECT 1 FROM alert_outbox WHERE workspace_id = $1', [ctx.workspaceId])).toEqual([]);
  });

  test('many workers together send each message once, and leave none out', async () => {
    await aWebhook();
    for (let count = 0; count < 24; count += 1) await happens();
    const workers = Array.from({ length: 4 }, () => aWorker());
    await eventually(
      async () => {
        await Promise.all(workers.map(look));
        return (await deliveries()).filter(({ state }) => state === 'delivered').length;
      },
      (delivered) => delivered === 24,
    );
    expect(new Set(told().map(({ headers }) => headers['webhook-id'])).size).toBe(24);
    expect(told()).toHaveLength(24);
    expect(failures).toEqual([]);
  });

  test('a receiver that fails is tried after 1, 4, 16, 64, 256 and 960 minutes under the same id, and then given up', async () => {
    const { id } = await aWebhook();
    await happens();
    receiver.answers = () => 503;
    const alerts = aWorker();
    for (const minutes of [0, 1, 4, 16, 64, 256, 960]) {
      clock += minutes * MINUTE_MS - 1;
      if (minutes > 0) {
        const before = told().length;
        await look(alerts);
        expect(told()).toHaveLength(before); // not a moment too early
      }
      clock += 1;
      await look(alerts);
    }
    expect(told()).toHaveLength(7);
    expect(new Set(told().map(({ headers, body }) => `${String(headers['webhook-id'])} ${body}`)).size).toBe(1);
    expect(new Set(told().map(({ headers }) => headers['webhook-timestamp'])).size).toBe(7);
    expect(await deliveries()).toMatchObject([{ state: 'failed', attempts: 7, response_status: 503, failure: 'bad_status' }]);
    expect((await events('alert.delivery_failed')).map(({ details }) => details)).toMatchObject([
      { webhookId: id, attempts: 7, status: 503 },
    ]);
    clock += 100_000 * MINUTE_MS;
    await look(alerts);
    expect(told()).toHaveLength(7);
  });

  test.each([400, 401, 404, 410, 422])('is tried no more once it answered %d', async (status) => {
    await aWebhook();
    await happens();
    receiver.answers = () => status;
    await look(aWorker());
    expect(await deliveries()).toMatchObject([{ state: 'failed', attempts: 1, response_status: status }]);
  });

  test.each([301, 302, 307, 408, 429, 500])('is tried again when it answered %d, and never led elsewhere', async (status) => {
    await aWebhook();
    await happens();
    receiver.answers = () => status;
    await look(aWorker());
    expect(await deliveries()).toMatchObject([{ state: 'waiting', attempts: 1, response_status: status }]);
    expect(told('/elsewhere')).toEqual([]);
  });

  test('is not told any more when it says that it is gone, or when nothing has arrived for three days; the trail says so', async () => {
    await aWebhook();
    await happens();
    receiver.answers = () => 410;
    await look(aWorker());
    expect(await events('webhook.disabled')).toMatchObject([{ details: { cause: 'gone', origin: receiver.origin } }]);

    ctx = await aWorkspace();
    await aWebhook();
    receiver.answers = () => 500;
    const alerts = aWorker();
    await happens();
    await look(alerts);
    clock += 73 * 60 * MINUTE_MS;
    receiver.answers = () => 404;
    await happens();
    await look(alerts);
    expect(await events('webhook.disabled')).toMatchObject([{ details: { cause: 'failing' } }]);
    const before = told().length;
    await happens();
    clock += 60 * MINUTE_MS;
    await look(alerts);
    expect(told()).toHaveLength(before);
  });

  test('is not told any more either when it has wanted nothing for three days, each message at its first attempt', async () => {
    await aWebhook();
    receiver.answers = () => 404;
    const alerts = aWorker();
    for (const hours of [0, 71, 2]) {
      expect(await events('webhook.disabled')).toEqual([]);
      clock += hours * 60 * MINUTE_MS;
      await happens();
      await look(alerts);
    }
    expect(await events('webhook.disabled')).toMatchObject([{ details: { cause: 'failing' } }]);
  });

  test('is told again under both secrets for 24 hours after a rotation, and then under the new one alone', async () => {
    const { id, secret: old } = await aWebhook();
    const { secret: fresh } = await new RotateWebhookSecret(database, rows, secrets, () => clock).run(ctx, id);
    const opens = (secret: string, index: number): boolean => {
      const { headers, body } = told()[index] as Received;
      const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const;
      const [messageId = '', timestamp = '', signatures = ''] = names.map((name) => String(headers[name]));
      const expected = new Webhook(secret).sign(messageId, new Date(Number(timestamp) * 1_000), body);
      return signatures.split(' ').includes(expected);
    };
    const alerts = aWorker();
    await happens();
    clock += 23 * 60 * MINUTE_MS;
    await look(alerts);
    expect([opens(old, 0), opens(fresh, 0)]).toEqual([true, true]);
    clock += 61 * MINUTE_MS;
    await happens();
    await look(alerts);
    expect([opens(old, 1), opens(fresh, 1)]).toEqual([false, true]);
  });

  test('one that keeps silent has two attempts under way, and delays nobody else', async () => {
    await aWebhook();
    const other = `/${randomUUID()}`;
    await aWebhook(other);
    receiver.answers = (asked) => (asked === path ? 'silent' : 204);
    for (let count = 0; count < 5; count += 1) await happens();
    const alerts = aWorker(1_500);
    await eventually(
      async () => {
        await alerts.look();
        return told(other).length;
      },
      (count) => count === 5,
      { withinMs: 1_400, everyMs: 5 },
    );
    expect(told().length).toBeLessThanOrEqual(2);
    await alerts.settled();
    const ofSilent = (await deliveries()).filter(({ attempts, state }) => attempts === 1 && state === 'waiting');
    expect(ofSilent).toHaveLength(2);
    expect(ofSilent).toMatchObject([{ failure: 'too_slow' }, { failure: 'too_slow' }]);
  });

  test('a message whose worker ended in the midst of it is sent by another one a minute later', async () => {
    await aWebhook();
    await happens();
    receiver.answers = () => 'silent';
    const lost = aWorker(1_000);
    await lost.look();
    await eventually(
      () => Promise.resolve(told().length),
      (count) => count === 1,
    );
    receiver.answers = () => 204;
    const other = aWorker();
    clock += MINUTE_MS - 1;
    await look(other);
    expect(told()).toHaveLength(1);
    clock += 1;
    await look(other);
    expect(told()).toHaveLength(2);
    expect(await deliveries()).toMatchObject([{ state: 'delivered', attempts: 2 }]);
    await lost.settled(); // and what the first one has to say comes too late
    expect(await deliveries()).toMatchObject([{ state: 'delivered', attempts: 2, failure: null }]);
  });

  test('nothing is sent to where the database alone says', async () => {
    await aWebhook();
    const forged = `/${randomUUID()}`;
    await happens();
    await server.asAdmin('UPDATE webhook_endpoints SET url = $2 WHERE workspace_id = $1', [ctx.workspaceId, `${receiver.origin}${forged}`]);
    await look(aWorker());
    expect(told(forged)).toEqual([]);
    expect(await deliveries()).toMatchObject([{ state: 'failed', failure: 'webhook_disabled' }]);
  });

  test('mail goes to whom the workspace names when it is sent, and to nobody whom the database alone names', async () => {
    const mail = await aMailServer();
    const mailer = new Mailer({ url: `smtp://127.0.0.1:${mail.port}`, from: 'keyhold@vault.example', requiresTls: false });
    const settings = new AlertSettings(database, alertSettings);
    const naming = (...emails: string[]) => settings.set(ctx, { emails, eventTypes: [HEALTH_CHANGED] });
    const attempts = aWorker(5_000, new MailReceivers(database, alertSettings, mailer));
    const failing = aWorker();
    await naming('ada@acme.example', 'bo@acme.example');
    await happens();
    await look(failing); // both are to be told now, and are not yet
    await naming('bo@acme.example');
    clock += 2 * MINUTE_MS;
    await look(attempts);
    expect(mail.received.flatMap(({ to }) => to)).toEqual(['bo@acme.example']);
    expect((await deliveries()).map(({ email, state, failure }) => [email, state, failure]).toSorted()).toEqual([
      ['ada@acme.example', 'failed', 'not_wanted'],
      ['bo@acme.example', 'delivered', null],
    ]);

    await server.asAdmin(`UPDATE alert_settings SET emails = '{eve@evil.example}' WHERE workspace_id = $1`, [ctx.workspaceId]);
    await happens();
    await look(attempts);
    expect(mail.received).toHaveLength(1);
    await mail.stop();
  });

  test("a private address is judged once more at each delivery, when the operator's list has changed", async () => {
    await aWebhook();
    await happens();
    const transport = new WebhookTransport(new OutboundAddresses(new Set()));
    const webhook = new WebhookReceivers(database, rows, secrets, transport);
    const options = { onFailure: (error: unknown) => failures.push(error), now: () => new Date(clock) };
    await look(new DeliverAlerts(worker, database, rows, { webhook, email: NOBODY }, options));
    expect(told()).toEqual([]);
    expect(await deliveries()).toMatchObject([{ state: 'waiting', failure: 'address_not_allowed' }]);
  });
});
