import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { Registry } from 'prom-client';

export interface MetricsAddress {
  /** 0: nobody is served. */
  port: number;
  host: string;
}

const LIMITS = { requestTimeout: 5_000, headersTimeout: 5_000, connectionsCheckingInterval: 1_000, maxHeaderSize: 8 * 1024 } as const;

/** Where Prometheus looks: a port of its own, so that what the public reaches never leads here. Knows one path and no credential. */
export class MetricsServer {
  readonly #server;

  constructor(
    private readonly registry: Registry,
    private readonly address: MetricsAddress,
  ) {
    this.#server = createServer(LIMITS, (request, response) => void this.#answer(request, response));
    this.#server.maxConnections = 32;
  }

  /** Rejects when the address is taken. */
  async start(): Promise<void> {
    const { port, host } = this.address;
    if (port === 0) return;
    this.#server.listen(port, host);
    await once(this.#server, 'listening');
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #answer({ method, url }: IncomingMessage, response: ServerResponse): Promise<void> {
    if (url !== '/metrics' || (method !== 'GET' && method !== 'HEAD')) {
      response.writeHead(404).end();
      return;
    }
    try {
      const text = await this.registry.metrics();
      response.writeHead(200, { 'content-type': this.registry.contentType, 'cache-control': 'no-store' }).end(text);
    } catch {
      response.writeHead(500).end(); // what is wrong with one of them is told by its absence everywhere
    }
  }
}
