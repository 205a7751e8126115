import type { IncomingMessage } from 'node:http';
import { headerCount } from './header-count.js';
import { SESSION_COOKIE } from './session-cookie.js';

const BEARER = /^Bearer +([\w.~+/-]{1,512}=*)$/i;
const TOKEN = /^[\w.~+/-]{1,512}=*$/;

export interface Credential {
  token: string;
  /** A browser sends it by itself, whoever made the request. */
  isCookie: boolean;
}

/** The token of a request that carries exactly one, once: in `Authorization`, in `X-API-Key`, or in the cookie of a session. */
export function credentialOf(request: IncomingMessage): Credential | undefined {
  const headers = headerCount(request, 'authorization') + headerCount(request, 'x-api-key');
  const cookies = sessionCookies(request);
  if (headers + cookies.length !== 1) return undefined;
  const token = headers === 1 ? tokenInHeader(request) : cookies[0];
  return token !== undefined && TOKEN.test(token) ? { token, isCookie: headers === 0 } : undefined;
}

function tokenInHeader({ headers: { authorization, 'x-api-key': apiKey } }: IncomingMessage): string | undefined {
  if (authorization !== undefined) return BEARER.exec(authorization)?.[1];
  return typeof apiKey === 'string' ? apiKey : undefined;
}

/** Everything that stands behind the cookie's name, however often it was sent. */
function sessionCookies({ headers: { cookie } }: IncomingMessage): string[] {
  const start = `${SESSION_COOKIE}=`;
  const pairs = (cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.filter((pair) => pair.startsWith(start)).map((pair) => pair.slice(start.length));
}
