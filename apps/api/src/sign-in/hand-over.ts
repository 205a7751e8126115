import type { FastifyReply } from 'fastify';
import { csrfTokenOf } from '#access';
import type { SignedInMember } from '#sign-in';
import { setSessionCookie } from '../http/session-cookie.js';
import type { HandedOverAs } from './sign-in.dto.js';

/** Gives a new session to whoever just came in: to a browser where its pages cannot read it, to a program as it is. */
export function handOver(reply: FastifyReply, signedIn: SignedInMember, as: HandedOverAs = 'cookie') {
  const { token, expiresAt, ...told } = signedIn;
  const view = { ...told, expiresAt: expiresAt.toISOString() };
  if (as === 'token') return { ...view, token };
  setSessionCookie(reply, token, expiresAt);
  return { ...view, csrfToken: csrfTokenOf(token) };
}
