import type { FastifyReply } from 'fastify';

/** `__Host-`: browsers take it only with `Secure` and `Path=/`, and send it to this host alone. */
export const SESSION_COOKIE = '__Host-keyhold-session';

const ATTRIBUTES = 'Path=/; Secure; HttpOnly; SameSite=Strict';

export function setSessionCookie(reply: FastifyReply, token: string, expiresAt: Date): void {
  void reply.header('set-cookie', `${SESSION_COOKIE}=${token}; ${ATTRIBUTES}; Expires=${expiresAt.toUTCString()}`);
}

export function clearSessionCookie(reply: FastifyReply): void {
  void reply.header('set-cookie', `${SESSION_COOKIE}=; ${ATTRIBUTES}; Max-Age=0`);
}
