import type { IncomingMessage } from 'node:http';
import type { FastifyReply } from 'fastify';
import { FLOW_SECONDS } from '#sign-in';

const FLOW_COOKIE = '__Host-keyhold-flow';

/** `Lax`, because the browser comes back by a link of the provider's; the cookie of a session is never sent with one. */
const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Lax';

const SEALED = /^[\w-]{1,3072}$/;

export function setFlowCookie(reply: FastifyReply, sealedFlow: string): void {
  void reply.header('set-cookie', `${FLOW_COOKIE}=${sealedFlow}; ${ATTRIBUTES}; Max-Age=${FLOW_SECONDS}`);
}

export function clearFlowCookie(reply: FastifyReply): void {
  void reply.header('set-cookie', `${FLOW_COOKIE}=; ${ATTRIBUTES}; Max-Age=0`);
}

/** Undefined when the browser brings none, more than one, or what cannot be one. */
export function flowCookieOf({ headers: { cookie } }: IncomingMessage): string | undefined {
  const start = `${FLOW_COOKIE}=`;
  const pairs = (cookie ?? '').split(';').map((pair) => pair.trim());
  const [only, ...more] = pairs.filter((pair) => pair.startsWith(start)).map((pair) => pair.slice(start.length));
  return more.length === 0 && only !== undefined && SEALED.test(only) ? only : undefined;
}
