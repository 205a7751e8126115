import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { CallerIdentityError } from './caller-identity-error.js';
import { IDENTITY_BODY } from './signed-proof.js';
import type { StsReply } from './sts-reply.js';

const ANSWER_BYTES_MAX = 8 * 1024;
const ANSWER_HEADER_BYTES_MAX = 16 * 1024;

/** What every request has, whoever is asked about. */
const OUR_HEADERS = {
  accept: 'application/json',
  'accept-encoding': 'identity',
  'content-type': 'application/x-www-form-urlencoded',
  'content-length': String(Buffer.byteLength(IDENTITY_BODY)),
  'user-agent': 'keyhold/1',
} as const;

/**
 * One POST to STS, straight: Node's own client with agents of its own, which follow no redirect, decode no content and know
 * of no proxy, whatever the environment says.
 */
export class StsTransport {
  /** A sign-in is rare beside what follows it: no connection is kept that could be stale or shared. */
  readonly #http = new HttpAgent({ keepAlive: false });
  readonly #https = new HttpsAgent({ keepAlive: false, rejectUnauthorized: true, minVersion: 'TLSv1.2' });

  /** @param endpoint where to connect instead of the host that the request is for: the sandbox */
  constructor(
    private readonly endpoint: URL | undefined,
    private readonly connectMs: number,
  ) {}

  /** Rejects with CallerIdentityError: `unavailable` without an answer in time, `unintelligible` for one that is too long or encoded. */
  async post(headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<StsReply> {
    const request = this.#open({ ...OUR_HEADERS, ...headers }, signal);
    try {
      const response = await answered(request, this.connectMs);
      return await readReply(response);
    } catch (error) {
      if (error instanceof CallerIdentityError) throw error;
      throw new CallerIdentityError('unavailable', { reason: signal.aborted ? 'no answer in time' : 'no answer' });
    } finally {
      request.destroy();
    }
  }

  #open(headers: Readonly<Record<string, string>>, signal: AbortSignal): ClientRequest {
    const { hostname, port, protocol } = this.endpoint ?? new URL(`https://${headers['host'] ?? ''}`);
    const options: RequestOptions = {
      method: 'POST',
      path: '/',
      hostname,
      port,
      headers,
      setHost: false,
      signal,
      maxHeaderSize: ANSWER_HEADER_BYTES_MAX,
    };
    if (protocol === 'http:') return httpRequest({ ...options, agent: this.#http });
    // the name in the certificate is that of whom we connect to; Node would take it from the Host header
    return httpsRequest({ ...options, agent: this.#https, servername: isIP(hostname) === 0 ? hostname : '' });
  }
}

async function answered(request: ClientRequest, connectMs: number): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const connecting = setTimeout(() => request.destroy(new Error('no connection in time')), connectMs);
  request.once('socket', (socket) => {
    socket.once('secureConnect', () => clearTimeout(connecting));
    socket.once('connect', () => {
      if (!('encrypted' in socket)) clearTimeout(connecting);
    });
  });
  request.once('response', resolve);
  request.on('error', reject);
  request.once('close', () => clearTimeout(connecting));
  request.end(IDENTITY_BODY);
  return promise;
}

async function readReply(response: IncomingMessage): Promise<StsReply> {
  const encoding = response.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') throw new CallerIdentityError('unintelligible', { reason: 'content encoding' });
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) throw new CallerIdentityError('unintelligible', { reason: 'too long' });
    chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, contentType: response.headers['content-type'], body: utf8(Buffer.concat(chunks)) };
}

/** A byte order mark stays, and is no JSON. */
function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CallerIdentityError('unintelligible', { reason: 'no UTF-8' });
  }
}
