import type { ClientRequest, IncomingMessage } from 'node:http';
import { type OutboundAddresses, OutboundError, type OutboundErrorCode, openRequest, within } from '#outbound';

export type WebhookFailure = OutboundErrorCode | 'not_reachable' | 'redirected' | 'bad_status';

/** What became of one attempt. The receiver's own words are not kept. */
export type WebhookAnswer = { ok: true; status: number } | { ok: false; failure: WebhookFailure; status?: number };

/** From the look-up of the name to the status of the answer. */
const ANSWER_MS = 10_000;

/**
 * The only way to a receiver: one POST on a connection of its own, to an address that was judged just before. Of the answer its
 * status alone is read; redirects are not followed.
 */
export class WebhookTransport {
  constructor(
    private readonly addresses: OutboundAddresses,
    private readonly answerMs = ANSWER_MS,
  ) {}

  /** Never rejects. */
  async post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<WebhookAnswer> {
    const signal = AbortSignal.timeout(this.answerMs);
    try {
      return answerOf(await within(signal, this.#status(new URL(url), headers, body, signal)));
    } catch (error) {
      return { ok: false, failure: failureOf(error, signal) };
    }
  }

  async #status(url: URL, headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal): Promise<number> {
    const addresses = await this.addresses.of(url, signal);
    const length = String(Buffer.byteLength(body));
    const asking = openRequest(url, addresses, { method: 'POST', headers: { ...headers, 'content-length': length }, signal });
    try {
      return (await answered(asking, body)).statusCode ?? 0;
    } finally {
      asking.destroy();
    }
  }
}

function answered(asking: ClientRequest, body: string): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  asking.once('response', resolve);
  asking.on('error', reject);
  asking.end(body);
  return promise;
}

function answerOf(status: number): WebhookAnswer {
  if (status >= 200 && status < 300) return { ok: true, status };
  return { ok: false, failure: status >= 300 && status < 400 ? 'redirected' : 'bad_status', status };
}

function failureOf(error: unknown, signal: AbortSignal): WebhookFailure {
  if (error instanceof OutboundError) return error.code;
  return signal.aborted ? 'too_slow' : 'not_reachable';
}
