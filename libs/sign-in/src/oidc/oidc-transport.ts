import type { ClientRequest, IncomingMessage } from 'node:http';
import type { CustomFetch, CustomFetchOptions } from 'openid-client';
import { type OutboundAddresses, OutboundError, openRequest, within } from '#outbound';
import { OidcCallError } from './oidc-call-error.js';

/** From the look-up of the name to the last byte of the answer. */
const ANSWER_MS = 5_000;
/** Requests that one provider keeps us waiting with. */
const AT_ONCE_MAX = 16;
const ANSWER_BYTES_MAX = 256 * 1024;
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json(?:;|$)/i;

/**
 * The only way in which an identity provider is asked: one request on a connection of its own, to an address that was judged just
 * before, without redirects, encodings and proxies, with a deadline over all of it and a bound on the answer. Its `fetch` rejects
 * with OidcCallError.
 */
export class OidcTransport {
  #underWay = 0;

  constructor(private readonly addresses: OutboundAddresses) {}

  readonly fetch: CustomFetch = async (target, options) => {
    if (this.#underWay >= AT_ONCE_MAX) throw new OidcCallError('busy');
    this.#underWay += 1;
    try {
      return await this.#ask(target, options);
    } finally {
      this.#underWay -= 1;
    }
  };

  /** Whether this service would ask there. Throws like `fetch`, and asks nothing but the DNS. */
  async assertAllowed(url: URL): Promise<void> {
    const signal = AbortSignal.timeout(ANSWER_MS);
    await within(signal, this.addresses.of(url, signal)).catch((cause: unknown) => {
      throw new OidcCallError(cause instanceof OutboundError ? cause.code : 'too_slow', { cause });
    });
  }

  async #ask(target: string, options: CustomFetchOptions): Promise<Response> {
    const deadline = AbortSignal.timeout(ANSWER_MS);
    const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
    try {
      return await within(signal, this.#answer(new URL(target), options, signal));
    } catch (cause) {
      if (cause instanceof OidcCallError) throw cause;
      if (cause instanceof OutboundError) throw new OidcCallError(cause.code, { cause });
      throw new OidcCallError(signal.aborted ? 'too_slow' : 'not_reachable', { cause });
    }
  }

  async #answer(url: URL, options: CustomFetchOptions, signal: AbortSignal): Promise<Response> {
    const { method, headers } = options;
    const asking = openRequest(url, await this.addresses.of(url, signal), { method, headers, signal });
    try {
      return await readAnswer(await answered(asking, options.body));
    } finally {
      asking.destroy();
    }
  }
}

function answered(asking: ClientRequest, body: CustomFetchOptions['body']): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  asking.once('response', resolve);
  asking.on('error', reject);
  if (body === undefined || body === null) asking.end();
  else if (typeof body === 'string' || body instanceof URLSearchParams) asking.end(body.toString());
  else throw new TypeError('only forms are sent to providers');
  return promise;
}

async function readAnswer(response: IncomingMessage): Promise<Response> {
  const { statusCode: status = 0, headers } = response;
  if (status >= 300 && status < 400) throw new OidcCallError('redirected');
  // with 400 and 401 a token endpoint says what was wrong
  if (status !== 200 && status !== 400 && status !== 401) throw new OidcCallError('bad_status');
  const type = headers['content-type'] ?? '';
  if (!JSON_TYPE.test(type) || (headers['content-encoding'] ?? 'identity') !== 'identity') throw new OidcCallError('not_json');
  const challenge = headers['www-authenticate'];
  return new Response(await bytesOf(response), {
    status,
    headers: { 'content-type': type, ...(challenge !== undefined && { 'www-authenticate': challenge }) },
  });
}

async function bytesOf(response: IncomingMessage): Promise<ArrayBuffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw new OidcCallError('too_large');
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks)).buffer;
}
