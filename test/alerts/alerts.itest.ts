import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { DisableKeyCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { told } from '../harness/client.js';
import { REGIONS } from '../harness/customer.js';
import { eventually } from '../harness/eventually.js';
import { anItem } from '../harness/item.js';
import { type MailServer, aMailServer } from '../harness/mail-server.js';
import { Needles } from '../harness/needles.js';
import { aMember } from '../harness/principals.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { anAwsKmsVault } from '../harness/vault.js';
import { aWebhook, webhookOrder } from '../harness/webhook.js';

jest.setTimeout(120_000);

interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

describe('alerts', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let mail: MailServer;
  const received: Received[] = [];
  const needles = new Needles();

  beforeAll(async () => {
    [keyhold, mail] = await Promise.all([startKeyhold(), aMailServer()]);
    const smtp = { KEYHOLD_SMTP_URL: `smtp://127.0.0.1:${mail.port}`, KEYHOLD_MAIL_FROM: 'keyhold@vault.example' };
    await Promise.all([keyhold.aWorker({ env: smtp }), keyhold.aWorker({ env: smtp })]);
    acme = await keyhold.aWorkspace('Acme');
    keyhold.places[0]?.serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks).toString() });
        response.writeHead(200).end();
      });
    });
  });
  afterAll(async () => {
    await keyhold.stop();
    await mail.stop();
  });

  const url = (path: string): string => `${keyhold.places[0]?.origin ?? ''}${path}`;
  const at = (path: string, count = 1): Promise<Received[]> =>
    eventually(
      () => Promise.resolve(received.filter((one) => one.path === path)),
      (found) => found.length >= count,
      { withinMs: 30_000 },
    );
  const opened = ({ headers, body }: Received, secret: string) => new Webhook(secret).verify(body, headers as Record<string, string>);

  test('a key that its owner disables is told to the receiver and by e-mail, with its cause', async () => {
    const { secret } = await aWebhook(keyhold, acme, { url: url('/pager') });
    const emails = ['ada@acme.example', 'bo@acme.example'];
    expect((await acme.call('PUT', '/alert-settings', { emails, eventTypes: ['vault.key.health_changed'] })).status).toBe(200);
    const { vaultId, customer } = await anAwsKmsVault(keyhold, acme, { name: 'Payroll', dataKeyCacheSeconds: 0 });
    const itemId = await anItem(acme, { password: 'correct horse' }, { vaultId });
    await customer.kms(REGIONS.main).send(new DisableKeyCommand({ KeyId: customer.keyId }));
    expect((await acme.call('POST', `/items/${itemId}/unseal`)).status).toBeGreaterThanOrEqual(400);

    const [message] = await at('/pager');
    const { body } = await acme.call('GET', '/audit-events?type=vault.key.health_changed');
    expect(opened(message as Received, secret)).toMatchObject({
      event_id: body.data[0].id,
      event_type: 'vault.key.health_changed',
      occurred_at: body.data[0].at,
      workspace_id: acme.id,
      data: { vault_id: vaultId, details: { before: 'healthy', after: 'refused' } },
      error: { cause: 'key_disabled', aws_error: 'DisabledException', region: REGIONS.main, aws_request_id: expect.any(String) },
    });
    await eventually(
      () => Promise.resolve(mail.received.flatMap(({ to }) => to).toSorted()),
      (to) => to.length >= emails.length,
    );
    expect(mail.received.flatMap(({ to }) => to).toSorted()).toEqual(emails);
    const text = (mail.received[0]?.text ?? '').replaceAll('=\r\n', '');
    expect(text).toContain('key_disabled');
    expect(text).toContain('What to do');
  });

  test('a receiver is tested by an event for it alone, whose delivery is on record and can be replayed under the same id', async () => {
    const { id, secret } = await aWebhook(keyhold, acme, { url: url('/tested') });
    await aWebhook(keyhold, acme, { url: url('/other') });
    expect((await acme.call('POST', `/webhooks/${id}/test`)).status).toBe(204);
    const [first] = await at('/tested');
    expect(opened(first as Received, secret)).toMatchObject({ event_type: 'webhook.tested', error: null });
    const [delivery] = await eventually(
      async () => (await acme.call('GET', `/webhooks/${id}/deliveries?state=delivered`)).body.data as Record<string, unknown>[],
      (found) => found.length > 0,
    );
    expect(delivery).toEqual({
      id: expect.any(String),
      eventId: first?.headers['webhook-id'],
      eventType: 'webhook.tested',
      state: 'delivered',
      attempts: 1,
      nextAttemptAt: null,
      lastAttemptAt: expect.any(String),
      responseStatus: 200,
      failure: null,
      createdAt: expect.any(String),
      finishedAt: expect.any(String),
    });
    expect((await acme.call('POST', `/webhooks/${id}/deliveries/${String(delivery?.['id'])}/replay`)).body).toMatchObject({
      state: 'waiting',
    });
    const [, second] = await at('/tested', 2);
    expect([second?.headers['webhook-id'], second?.body]).toEqual([first?.headers['webhook-id'], first?.body]);
    expect(received.filter(({ path }) => path === '/other')).toEqual([]);
    expect((await acme.call('GET', `/webhooks/${id}/deliveries?limit=1`)).body).toMatchObject({
      data: [{ id: delivery?.['id'] }],
      nextCursor: null,
    });
  });

  test('a new secret signs beside the old one', async () => {
    const { id, secret } = await aWebhook(keyhold, acme, { url: url('/rotated') });
    const rotated = await acme.call('POST', `/webhooks/${id}/rotate-secret`);
    expect(rotated.body.webhook.previousSecretUntil).toEqual(expect.any(String));
    await acme.call('POST', `/webhooks/${id}/test`);
    const [message] = await at('/rotated');
    for (const one of [secret, rotated.body.secret as string])
      expect(opened(message as Received, one)).toMatchObject({ workspace_id: acme.id });
    expect(() => opened(message as Received, `whsec_${Buffer.alloc(32).toString('base64')}`)).toThrow();
  });

  test('a receiver that is turned off is told nothing, and cannot be tested', async () => {
    const { id } = await aWebhook(keyhold, acme, { url: url('/off') });
    expect((await acme.call('PATCH', `/webhooks/${id}`, { enabled: false })).body).toMatchObject({ id, enabled: false });
    expect((await acme.call('POST', `/webhooks/${id}/test`)).body).toMatchObject({ code: 'webhook_disabled' });
    expect((await acme.call('DELETE', `/webhooks/${id}`)).status).toBe(204);
    expect((await acme.call('GET', `/webhooks/${id}`)).body).toMatchObject({ code: 'webhook_not_found' });
  });

  test.each([
    ['https://127.0.0.1:1/', 'address_not_allowed'],
    ['https://localhost/', 'url_not_allowed'],
    ['https://10.1.2.3/', 'address_not_allowed'],
    ['https://[::1]/', 'address_not_allowed'],
    ['https://169.254.169.254/latest/meta-data', 'address_not_allowed'],
    ['https://vault.internal/', 'url_not_allowed'],
    ['https://user:secret@hooks.acme.example/', 'url_not_allowed'],
  ])('nobody has messages sent to %s', async (target, cause) => {
    const answer = await acme.call('POST', '/webhooks', webhookOrder(keyhold, { url: target }));
    expect(answer).toMatchObject({ status: 422, body: { code: 'webhook_url_rejected', cause, remedy: expect.any(String) } });
  });

  test.each([
    { url: 'http://hooks.acme.example/' },
    { url: `https://hooks.acme.example/${'x'.repeat(2_040)}` },
    { name: '' },
    { eventTypes: [] },
    { eventTypes: ['item.unsealed'] },
    { eventTypes: ['job.failed', 'job.failed'] },
  ])('nor is %j accepted', async (changes) => {
    expect((await acme.call('POST', '/webhooks', webhookOrder(keyhold, changes))).body).toMatchObject({ code: 'validation_failed' });
  });

  test('settings of mail are a bounded list of addresses, each in one spelling', async () => {
    const put = (emails: unknown) => acme.call('PUT', '/alert-settings', { emails, eventTypes: ['job.failed'] });
    expect((await put(['Ada@Acme.example'])).body).toMatchObject({ emails: ['ada@acme.example'], eventTypes: ['job.failed'] });
    expect((await acme.call('GET', '/alert-settings')).body.emails).toEqual(['ada@acme.example']);
    const many = Array.from({ length: 11 }, (_, index) => `a${index}@acme.example`);
    for (const wrong of [
      many,
      ['ada'],
      ['a@acme.example, b@acme.example'],
      ['a@acme.example', 'A@acme.example'],
      'a@acme.example',
      [1],
      null,
    ])
      expect((await put(wrong)).status).toBe(400);
  });

  test('those below an Admin see none of it, and another workspace finds nothing', async () => {
    const { id } = await aWebhook(keyhold, acme, { url: url('/mine') });
    const user = await aMember(keyhold, acme, 'user');
    for (const path of ['/webhooks', `/webhooks/${id}`, `/webhooks/${id}/deliveries`, '/alert-settings'])
      expect((await user.call('GET', path)).status).toBe(403);
    const globex = await keyhold.aWorkspace('Globex');
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['POST', '/test'],
      ['POST', '/rotate-secret'],
      ['GET', '/deliveries'],
      ['POST', `/deliveries/${randomUUID()}/replay`],
    ] as const) {
      const [foreign, absent, malformed] = await Promise.all(
        [id, randomUUID(), 'x'].map((one) => globex.call(method, `/webhooks/${one}${path}`)),
      );
      expect(foreign).toMatchObject({ status: 404, body: { code: 'webhook_not_found' } });
      expect(told(foreign as never)).toBe(told(absent as never));
      expect(told(malformed as never)).toBe(told(absent as never));
    }
    expect((await acme.call('GET', `/webhooks/${id}`)).status).toBe(200);
  });

  test('a workspace has twenty receivers at most', async () => {
    const globex = await keyhold.aWorkspace();
    for (let count = 0; count < 20; count += 1) await aWebhook(keyhold, globex);
    expect((await globex.call('POST', '/webhooks', webhookOrder(keyhold))).body).toMatchObject({ code: 'webhook_limit' });
  });

  test('a secret is in one answer and nowhere else, and what stands behind the origin of a URL is not in the trail', async () => {
    const token = randomUUID().replaceAll('-', '');
    const { id, secret } = await aWebhook(keyhold, acme, { url: url(`/${token}`) });
    needles.add('secret', Buffer.from(secret.slice('whsec_'.length)));
    needles.add('secret bytes', Buffer.from(secret.slice('whsec_'.length), 'base64'));
    await acme.call('POST', `/webhooks/${id}/test`);
    await at(`/${token}`);
    const trail = JSON.stringify((await acme.call('GET', '/audit-events?limit=100')).body);
    const answers = [trail, (await acme.call('GET', `/webhooks/${id}`)).text, (await acme.call('GET', '/webhooks?limit=100')).text];
    const rows = await keyhold.database.asAdmin('SELECT * FROM webhook_endpoints');
    const bytes = rows
      .flatMap((row): unknown[] => Object.values(row))
      .map((value) => (Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))));
    expect(needles.in(Buffer.concat([...answers.map((text) => Buffer.from(text)), ...bytes, Buffer.from(keyhold.log())]))).toEqual([]);
    expect(trail).toContain(id);
    expect(trail).not.toContain(token);
    expect(keyhold.log()).not.toContain(token);
  });
});
