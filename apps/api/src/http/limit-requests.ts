import type { FastifyReply, FastifyRequest } from 'fastify';
import { LimitError, type RequestLimits } from '#limits';

/**
 * Lets a request take its place among those of its workspace, before anything is done for it, and tells what is left with every
 * answer, in the fields of draft-ietf-httpapi-ratelimit-headers.
 */
export class LimitRequests {
  constructor(private readonly limits: RequestLimits) {}

  /** `whose`: the workspace, or who asks outside of any. Throws LimitError `workspace_busy` and `too_many_requests`. */
  async enter(request: FastifyRequest, reply: FastifyReply, whose: string): Promise<void> {
    void reply.header('ratelimit-policy', this.limits.policy);
    try {
      const { rateLimit, end } = await this.limits.enter(whose, bodyBytesMax(request));
      void reply.header('ratelimit', rateLimit);
      if (reply.raw.closed) end();
      else reply.raw.once('close', end);
    } catch (error) {
      if (error instanceof LimitError) void reply.header('ratelimit', usedUp(error));
      throw error;
    }
  }
}

const usedUp = ({ facts: { limit = '', retryAfterSeconds } }: LimitError): string => `"${limit}";r=0;t=${retryAfterSeconds}`;

/** As much as the body can have: what is announced, or all that its route takes where nothing is. */
function bodyBytesMax({ headers, routeOptions: { bodyLimit } }: FastifyRequest): number {
  if (headers['transfer-encoding'] !== undefined) return bodyLimit;
  return Math.min(Number(headers['content-length'] ?? 0), bodyLimit);
}
