import { describe, expect, test } from '@jest/globals';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccessError, type Action, type Authenticated, type Authenticator, NOWHERE } from '#access';
import { LocalBuckets, RequestLimits, TokenGuesses } from '#limits';
import { WorkspaceError } from '#workspaces';
import type { Access } from './access.js';
import { Guard } from './guard.js';
import { LimitRequests } from './limit-requests.js';

const ACME = 'aaaaaaaa-1111-4111-8111-111111111111';

interface Asking {
  access?: Access | undefined;
  confirmsIdentity?: true;
  params?: Record<string, string>;
  token?: string;
  key?: string;
}

function asking({ access, confirmsIdentity, params = {}, token, key }: Asking): FastifyRequest {
  const headers = { ...(token && { authorization: `Bearer ${tokenOf(token)}` }), ...(key && { 'idempotency-key': key }) };
  return {
    id: 'r-1',
    method: 'POST',
    ip: '192.0.2.1',
    is404: false,
    params,
    headers,
    raw: { headers, rawHeaders: Object.entries(headers).flat() },
    routeOptions: { config: { access, confirmsIdentity, idempotentMethod: {} }, bodyLimit: 1_000 },
    ctx: null,
  } as unknown as FastifyRequest;
}

const caller = (name: string, actions: readonly Action[], workspaceId: string | undefined): Authenticated => ({
  principal: { kind: 'api_key', role: 'api_key', id: `id-of-${name}`, name },
  workspaceId,
  actions: new Set(actions),
  reach: NOWHERE,
  isConfirmed: name !== 'unconfirmed',
});

const CALLERS: Record<string, Authenticated> = {
  service: caller('service', ['item:read'], ACME),
  unconfirmed: caller('unconfirmed', ['item:read'], ACME),
  operator: caller('operator', ['workspace:create'], undefined),
};

/** The token of a caller: of the form that says whose it may be. */
const tokenOf = (name: string): string =>
  name === 'operator' ? `kho_${'o'.repeat(43)}` : `khw_${ACME.replaceAll('-', '')}_${name.padEnd(43, '-')}`;
const NAMES = new Map([...Object.keys(CALLERS), 'unknown'].map((name) => [tokenOf(name), name]));

const clock = () => 0;
const WIDE = { perSecond: 10, burst: 20 };
const SMALL = { requests: WIDE, bytes: WIDE, atOnceMax: 20 };

function aGuard(): Guard {
  const authenticator = { authenticate: (token: string) => Promise.resolve(CALLERS[NAMES.get(token) ?? '']) } as unknown as Authenticator;
  const permit = { succeeded: () => Promise.resolve(), undecided: () => Promise.resolve() };
  const buckets = { requests: new LocalBuckets(WIDE, clock), bytes: new LocalBuckets(WIDE, clock) };
  return new Guard(
    authenticator,
    new TokenGuesses({ take: () => Promise.resolve(permit) }, clock),
    new LimitRequests(new RequestLimits(SMALL, buckets, clock)),
    (principalId, key) => `new workspace of ${principalId} under ${key ?? 'no key'}`,
  );
}

/** A reply that keeps its headers, to a request that is over at once. */
function aReply() {
  const headers: Record<string, string> = {};
  const reply = { header: (name: string, value: string) => (headers[name] = value), raw: { closed: true } };
  return { headers, reply: reply as unknown as FastifyReply };
}

const admit = (request: FastifyRequest, guard = aGuard()): Promise<void> => guard.admit(request, aReply().reply);

describe('the guard', () => {
  test('lets everybody onto a public route, as nobody', async () => {
    const request = asking({ access: { public: true } });
    await admit(request);
    expect(request.ctx).toBeNull();
  });

  test('lets nobody onto a route that declares nothing, whoever asks', async () => {
    await expect(admit(asking({ access: undefined, token: 'service' }))).rejects.toThrow(new AccessError('forbidden'));
  });

  test.each([undefined, 'unknown'])('lets nobody in by the token %s', async (token) => {
    const request = asking({ access: { action: 'item:read' }, params: { workspaceId: ACME }, ...(token && { token }) });
    await expect(admit(request)).rejects.toThrow(new AccessError('unauthenticated'));
    expect(request.ctx).toBeNull();
  });

  test('says who asks, from the credential alone', async () => {
    const request = asking({ access: { action: 'item:read' }, params: { workspaceId: ACME }, token: 'service' });
    await admit(request);
    expect(request.ctx).toMatchObject({
      principal: { id: 'id-of-service' },
      workspaceId: ACME,
      requestId: 'r-1',
      sourceAddress: '192.0.2.1',
    });
  });

  test.each(['22222222-2222-4222-8222-222222222222', ACME.toUpperCase(), '', 'x'])('knows no workspace %j', async (workspaceId) => {
    const request = asking({ access: { action: 'item:read' }, params: { workspaceId }, token: 'service' });
    await expect(admit(request)).rejects.toThrow(new WorkspaceError('workspace_not_found'));
    expect(request.ctx).toBeNull();
  });

  test('refuses what a principal may not do', async () => {
    await expect(admit(asking({ access: { action: 'workspace:create' }, token: 'service' }))).rejects.toThrow(new AccessError('forbidden'));
    const inside = asking({ access: { action: 'item:read' }, params: { workspaceId: ACME }, token: 'operator' });
    await expect(admit(inside)).rejects.toThrow(new AccessError('forbidden'));
  });

  test('asks a person to show again who they are before acts that lose or expose data, and nobody before others', async () => {
    const losing = { access: { action: 'item:read' }, params: { workspaceId: ACME } } as const;
    await expect(admit(asking({ ...losing, confirmsIdentity: true, token: 'unconfirmed' }))).rejects.toThrow(
      new AccessError('confirmation_required'),
    );
    await admit(asking({ ...losing, token: 'unconfirmed' }));
    await admit(asking({ ...losing, confirmsIdentity: true, token: 'service' }));
  });

  test('gives the operator the workspace that is to be, which follows from the idempotency key', async () => {
    const request = asking({ access: { action: 'workspace:create' }, token: 'operator', key: 'k-1' });
    await admit(request);
    expect(request.ctx?.workspaceId).toBe('new workspace of id-of-operator under k-1');
  });

  test('counts every request of a caller, also those that it refuses, and tells what is left', async () => {
    const guard = aGuard();
    const own = () => asking({ access: { action: 'item:read' }, params: { workspaceId: ACME }, token: 'service' });
    const foreign = () => asking({ access: { action: 'item:read' }, params: { workspaceId: 'another' }, token: 'service' });
    const forbidden = () => asking({ access: { action: 'vault:create' }, params: { workspaceId: ACME }, token: 'service' });
    for (const request of [own(), foreign(), forbidden()]) await admit(request, guard).catch(() => undefined);
    const { reply, headers } = aReply();
    await guard.admit(own(), reply);
    expect(headers['ratelimit']).toBe('"requests";r=16, "bytes";r=20, "at-once";r=19');
    const rest = Array.from({ length: 30 }, () => admit(foreign(), guard).catch((error: unknown) => error));
    expect(await Promise.all(rest)).toContainEqual(expect.objectContaining({ code: 'too_many_requests' }));
  });

  test('puts a wrong token on record once, and not each time that it comes', async () => {
    const guard = aGuard();
    const wrong = asking({ access: { action: 'item:read' }, token: 'unknown' });
    await expect(admit(wrong, guard)).rejects.toThrow(new AccessError('unauthenticated'));
    expect(wrong.refusable).toMatchObject({ workspaceId: ACME, principal: { kind: 'anonymous' } });
    const again = asking({ access: { action: 'item:read' }, token: 'unknown' });
    await expect(admit(again, guard)).rejects.toThrow(new AccessError('unauthenticated'));
    expect(again.refusable).toBeUndefined();
  });
});
