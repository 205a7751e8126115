import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Database } from '#database';
import { idempotencyKeyOf } from './idempotency-key.js';
import { OneAtATime } from './one-at-a-time.js';
import { requestDigest } from './request-digest.js';

const NO_BODY = Buffer.alloc(0);

/**
 * Runs when the body is there and before it is validated. A request under an idempotency key gets the key into its context, and
 * is answered from the record when the same request was answered before. The write itself stores the record, in its own commit.
 * Those under one key that come together wait for the one before them: what a write asks of others is asked once, and a repeat
 * cannot fail where the first succeeds. Between processes the commit alone decides.
 */
export class Replay {
  readonly #underOneKey = new OneAtATime();

  constructor(private readonly database: Pick<Database, 'replay'>) {}

  /** Costs nothing but a look at one header when there is no key. */
  readonly hook = (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void => {
    if (request.headers['idempotency-key'] === undefined || !request.ctx) {
      done();
      return;
    }
    this.#answer(request, reply).then((isAnswered) => {
      if (!isAnswered) done();
    }, done);
  };

  async #answer(request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
    const key = idempotencyKeyOf(request);
    if (key === undefined || !request.ctx) return false;
    const { workspaceId, principal } = request.ctx;
    const end = await this.#underOneKey.turn(JSON.stringify([workspaceId, principal.id, key]));
    if (reply.raw.closed) end();
    else reply.raw.once('close', end);
    request.ctx = { ...request.ctx, idempotency: { key, requestDigest: digestOf(request) } };
    const before = await this.database.replay(request.ctx);
    if (!before) return false;
    void reply
      .code(request.routeOptions.config.successStatus ?? 200)
      .header('idempotent-replayed', 'true')
      .send(before.result);
    return true;
  }
}

function digestOf(request: FastifyRequest): Buffer {
  const { pathname, query } = splitTarget(request.raw.url ?? '');
  return requestDigest({
    method: request.method,
    route: request.routeOptions.url ?? pathname,
    params: request.params as Record<string, string>,
    query,
    body: request.bodyBytes ?? NO_BODY,
  });
}

function splitTarget(target: string): { pathname: string; query: string } {
  const at = target.indexOf('?');
  return at < 0 ? { pathname: target, query: '' } : { pathname: target.slice(0, at), query: target.slice(at) };
}
