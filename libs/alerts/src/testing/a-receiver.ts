import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { type AddressInfo } from 'node:net';
import { createServer } from 'node:https';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { selfSigned } from '../../../../test/harness/self-signed.js';

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

/** A receiver of webhooks on this machine, with a certificate that this process trusts from now on. */
export interface Receiver {
  origin: string;
  received: Received[];
  /** Status of the next answers; `silent` for none at all. */
  answers: (path: string) => number | 'silent';
  stop(): Promise<void>;
}

export async function aReceiver(): Promise<Receiver> {
  const { key, cert } = selfSigned();
  setDefaultCACertificates([...getCACertificates('bundled'), cert]);
  const receiver: Receiver = { origin: '', received: [], answers: () => 204, stop };
  const server = createServer({ key, cert }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      receiver.received.push({ path, headers: request.headers, body: Buffer.concat(chunks).toString() });
      const status = receiver.answers(path);
      if (status !== 'silent') response.writeHead(status, { location: '/elsewhere' }).end('what a receiver says is not kept');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  receiver.origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return receiver;

  async function stop(): Promise<void> {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  }
}
