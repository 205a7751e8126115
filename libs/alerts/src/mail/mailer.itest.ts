import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type MailServer, aMailServer } from '../../../../test/harness/mail-server.js';
import { selfSigned } from '../../../../test/harness/self-signed.js';
import { Mailer } from './mailer.js';

const MAIL = { to: 'ada@acme.example', subject: 'A key', text: 'is going', id: '0199c2f0-8a51-7cc0-b0a5-6f1f6c1f9a10' };

describe('a mailer', () => {
  let plain: MailServer;
  let starting: MailServer;
  let whole: MailServer;
  let stranger: MailServer;
  let silent: Server;
  const sockets: Socket[] = [];
  const credentials: string[] = [];

  beforeAll(async () => {
    const vouched = selfSigned();
    setDefaultCACertificates([...getCACertificates('bundled'), vouched.cert]);
    const onAuth: NonNullable<Parameters<typeof aMailServer>[0]>['onAuth'] = ({ username = '', password = '' }, _session, done) => {
      credentials.push(`${username} ${password}`);
      done(null, { user: username });
    };
    plain = await aMailServer();
    starting = await aMailServer({ ...vouched, disabledCommands: [], onAuth });
    whole = await aMailServer({ ...vouched, secure: true, onAuth });
    stranger = await aMailServer({ ...selfSigned(), secure: true });
    silent = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
    await once(silent, 'listening');
  });
  afterAll(async () => {
    for (const socket of sockets) socket.destroy();
    silent.close();
    await Promise.all([plain, starting, whole, stranger].map((server) => server.stop()));
  });

  const mailer = (url: string, requiresTls = true, sendMs?: number) =>
    new Mailer({ url, from: 'keyhold@vault.example', requiresTls }, sendMs);

  test('sends to one address, as no reply to anybody, under an id of its own', async () => {
    expect(await mailer(`smtp://127.0.0.1:${plain.port}`, false).send(MAIL)).toBeUndefined();
    expect(plain.received).toMatchObject([{ from: 'keyhold@vault.example', to: [MAIL.to] }]);
    const { text } = plain.received[0] ?? { text: '' };
    expect(text).toContain(`Message-ID: <${MAIL.id}@vault.example>`);
    expect(text).toContain('Auto-Submitted: auto-generated');
    expect(text).toContain('Subject: A key');
  });

  test('says who it is over TLS alone, whichever way that begins', async () => {
    for (const server of [starting, whole]) {
      const scheme = server === whole ? 'smtps' : 'smtp';
      expect(await mailer(`${scheme}://robot:pass%20word@127.0.0.1:${server.port}`).send(MAIL)).toBeUndefined();
      expect(server.received).toMatchObject([{ isSecure: true }]);
    }
    expect(credentials).toEqual(['robot pass word', 'robot pass word']);
  });

  test('leaves alone a server that offers no TLS, and one whose certificate nobody vouches for', async () => {
    const before = plain.received.length;
    expect(await mailer(`smtp://robot:secret@127.0.0.1:${plain.port}`).send(MAIL)).toMatchObject({ failure: 'mail_not_sent' });
    expect(plain.received).toHaveLength(before);
    expect(await mailer(`smtps://127.0.0.1:${stranger.port}`).send(MAIL)).toEqual({ failure: 'mail_not_sent' });
    expect(stranger.received).toEqual([]);
  });

  test.each([
    [550, 'mail_refused'],
    [451, 'mail_not_sent'],
  ])('tells %d from what may pass', async (status, failure) => {
    plain.refusing = status;
    expect(await mailer(`smtp://127.0.0.1:${plain.port}`, false).send(MAIL)).toEqual({ failure, status });
    plain.refusing = undefined;
  });

  test('waits for a server no longer than it may', async () => {
    const { port } = silent.address() as { port: number };
    expect(await mailer(`smtp://127.0.0.1:${port}`, false, 300).send(MAIL)).toEqual({ failure: 'too_slow' });
  });
});
