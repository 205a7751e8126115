import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface MailReceived {
  from: string;
  to: string[];
  /** Headers and body as they came. */
  text: string;
  isSecure: boolean;
}

/** A mail server on this machine. */
export interface MailServer {
  port: number;
  received: MailReceived[];
  /** Refuses the next recipients with this status, until it is undefined. */
  refusing: number | undefined;
  stop(): Promise<void>;
}

export async function aMailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const mail: MailServer = { port: 0, received: [], refusing: undefined, stop };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    ...options,
    onRcptTo(_address, _session, done) {
      if (mail.refusing === undefined) done();
      else done(Object.assign(new Error('not here'), { responseCode: mail.refusing }));
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        mail.received.push({
          from,
          to: rcptTo.map(({ address }) => address),
          text: Buffer.concat(chunks).toString(),
          isSecure: session.secure,
        });
        done();
      });
    },
  });
  server.on('error', () => undefined); // a client that hangs up is the test's
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  mail.port = (listening.address() as AddressInfo).port;
  return mail;

  function stop(): Promise<void> {
    return new Promise((resolve) => server.close(resolve));
  }
}
