import { timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { AccessError, csrfTokenOf } from '#access';

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * A browser sends the cookie of a session with whatever a page makes it ask. `SameSite=Strict` keeps other sites out; this keeps
 * out other origins of the same site, and browsers that know neither: the request must come from our own origin, and what
 * changes something must bring the token that only our own pages were told. Throws `csrf_refused`.
 */
export function refuseForgery(request: FastifyRequest, sessionToken: string): void {
  const isOurs = isFromOurOrigin(request) && (SAFE_METHODS.has(request.method) || hasCsrfToken(request, sessionToken));
  if (!isOurs) throw new AccessError('csrf_refused');
}

/** Likewise where nobody is known yet: another site's page must not sign its visitor in as somebody else. */
export function refuseForeignPage(request: FastifyRequest): void {
  if (!SAFE_METHODS.has(request.method) && !isFromOurOrigin(request)) throw new AccessError('csrf_refused');
}

function isFromOurOrigin({ headers }: FastifyRequest): boolean {
  const { origin, host, 'sec-fetch-site': site } = headers;
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
}

function hasCsrfToken({ headers }: FastifyRequest, sessionToken: string): boolean {
  const given = Buffer.from(String(headers['x-csrf-token'] ?? ''));
  const expected = Buffer.from(csrfTokenOf(sessionToken));
  return given.length === expected.length && timingSafeEqual(given, expected);
}
