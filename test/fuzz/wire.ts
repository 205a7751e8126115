import { Agent, request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { LookUp } from './from-world.js';
import { settled } from './from-world.js';
import type { Headers } from './headers.js';
import type { RequestPlan } from './request-plan.js';

/** A request as it leaves. */
export interface WireRequest {
  method: string;
  /** Path and query, as they are written in the request line. */
  target: string;
  headers: Headers;
  body: Buffer | undefined;
}

export interface WireAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** What a plan means in the world as it is now. */
export function wireRequest(plan: RequestPlan, lookUp: LookUp, credential: Headers): WireRequest {
  const path = plan.operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => inUrl(settled(plan.path[name], lookUp)));
  const rewritten = plan.rewritePath.reduce((written, rewrite) => rewrite(written), path);
  const query = plan.query.map(([name, value]) => `${inUrl(name)}=${inUrl(settled(value, lookUp))}`).join('&');
  const body = bodyOf(plan, lookUp);
  const headers = plan.headers.map(([name, value]) => [name, asHeader(settled(value, lookUp))] as const);
  const typed = body === undefined || headers.some(([name]) => name === 'content-type');
  return {
    method: plan.method,
    target: targetFor(plan.method, query === '' ? rewritten : `${rewritten}?${query}`),
    headers: [...credential, ...(typed ? [] : [['content-type', 'application/json'] as const]), ...headers],
    body,
  };
}

function bodyOf({ body, rewriteBody }: RequestPlan, lookUp: LookUp): Buffer | undefined {
  if (body === undefined) return undefined;
  const text = JSON.stringify(settled(body, lookUp));
  return rewriteBody.reduce((bytes, rewrite) => Buffer.from(rewrite(bytes.toString()) as string), Buffer.from(text));
}

/** Lone surrogates, which no URL can hold, as the bytes that some encoders make of them. */
const inUrl = (value: unknown): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.isWellFormed() ? encodeURIComponent(text) : '%ed%a0%80';
};

/** Headers that are too large are refused before anybody knows that it is HEAD: with a body, which no client then expects. */
const targetFor = (method: string, text: string): string => (method === 'HEAD' ? asTarget(text).slice(0, 4_000) : asTarget(text));

/** What Node's client lets through: the rest is for raw sockets. */
const asTarget = (text: string): string => text.replaceAll(/[^\u0021-\u00ff]/g, (char) => encodeURIComponent(char.toWellFormed()));
const asHeader = (value: unknown): string => String(value).replaceAll(/[^\t\u0020-\u007e\u0080-\u00ff]/g, '?');

/** Sends over connections that are kept. */
export class Wire {
  readonly #agent: Agent;

  constructor(
    private readonly url: string,
    connections: number,
  ) {
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  async send({ method, target, headers, body }: WireRequest): Promise<WireAnswer> {
    const { hostname, port } = new URL(this.url);
    const { promise, resolve, reject } = Promise.withResolvers<WireAnswer>();
    const sent = request({ agent: this.#agent, hostname, port, method, path: target, headers: listed(headers, this.url, body) });
    sent.on('response', (response) => {
      const { statusCode = 0, headers: answered } = response;
      buffer(response).then((bytes) => resolve({ status: statusCode, headers: answered, body: bytes }), reject);
    });
    sent.on('error', reject);
    sent.setTimeout(30_000, () => sent.destroy(new Error('no answer within 30 seconds')));
    sent.end(body);
    return promise;
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Node's client adds no header to a list: these two are needed for a request to be one. */
function listed(headers: WireRequest['headers'], url: string, body: Buffer | undefined): string[] {
  const host = headers.some(([name]) => name === 'host') ? [] : ['host', new URL(url).host];
  return [...host, ...headers.flat(), 'content-length', String(body?.length ?? 0)];
}

/** For a terminal, against a service at `$URL`. */
export function asCurl({ method, target, headers, body }: WireRequest): string {
  const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
  const lines = headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  const data = body === undefined ? [] : [`--data-binary @<(echo ${body.toString('base64')} | base64 -d)`];
  const isText = body?.equals(Buffer.from(body.toString())) === true && body.length < 4_000;
  return [
    'curl -i --path-as-is',
    `-X ${method}`,
    ...lines,
    ...(isText ? [`--data-binary ${quoted(body.toString())}`] : data),
    `"$URL"${quoted(target)}`,
  ].join(' ');
}
