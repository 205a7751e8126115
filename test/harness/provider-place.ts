import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { SelfSigned } from './self-signed.js';

/** Where an identity provider can be, with a certificate that the service trusts. Nobody is there until somebody serves. */
export interface ProviderPlace {
  origin: string;
  /** PEM of who vouches for it. */
  certificate: string;
  serve(listener: RequestListener): void;
  /** Has one path answered by somebody else, until what this answers is called. */
  instead(path: string, listener: RequestListener): () => void;
  /** Paths that were asked for, in order, with their method in front. */
  asked: string[];
  stop(): Promise<void>;
}

export async function aProviderPlace({ key, cert }: SelfSigned): Promise<ProviderPlace> {
  const asked: string[] = [];
  let serving: RequestListener = (_request, response) => void response.writeHead(503).end();
  const server = createServer({ key, cert }, (request, response) => {
    asked.push(`${request.method ?? ''} ${(request.url ?? '').replace(/\?.*/, '')}`);
    serving(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    certificate: cert,
    asked,
    serve: (listener) => (serving = listener),
    instead(path, listener) {
      const before = serving;
      serving = (request, response) => {
        const isAsked = new URL(request.url ?? '', 'https://place.example').pathname === path;
        (isAsked ? listener : before)(request, response);
      };
      return () => (serving = before);
    },
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
