import type { IncomingMessage } from 'node:http';
import { headerCount } from './header-count.js';

const BEARER = /^Bearer +([\w.~+/-]{1,512}=*)$/i;
const API_KEY = /^[\w.~+/-]{1,512}=*$/;

/** The token of a request that carries exactly one, once: in `Authorization` or in `X-API-Key`. */
export function credentialOf(request: IncomingMessage): string | undefined {
  if (headerCount(request, 'authorization') + headerCount(request, 'x-api-key') !== 1) return undefined;
  const { authorization, 'x-api-key': apiKey } = request.headers;
  if (authorization !== undefined) return BEARER.exec(authorization)?.[1];
  return typeof apiKey === 'string' && API_KEY.test(apiKey) ? apiKey : undefined;
}
