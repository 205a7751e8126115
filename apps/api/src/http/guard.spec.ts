import { describe, expect, test } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { AccessError, type Action, type Authenticated, type Authenticator, NOWHERE } from '#access';
import { WorkspaceError } from '#workspaces';
import type { Access } from './access.js';
import { Guard } from './guard.js';

const ACME = 'aaaaaaaa-1111-4111-8111-111111111111';

interface Asking {
  access?: Access | undefined;
  confirmsIdentity?: true;
  params?: Record<string, string>;
  token?: string;
  key?: string;
}

function asking({ access, confirmsIdentity, params = {}, token, key }: Asking): FastifyRequest {
  const headers = { ...(token && { authorization: `Bearer ${token}` }), ...(key && { 'idempotency-key': key }) };
  return {
    id: 'r-1',
    ip: '192.0.2.1',
    is404: false,
    params,
    headers,
    raw: { headers, rawHeaders: Object.entries(headers).flat() },
    routeOptions: { config: { access, confirmsIdentity, idempotentMethod: {} } },
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

const guard = new Guard(
  {
    authenticate: (token: string) => Promise.resolve(CALLERS[token]),
  } as unknown as Authenticator,
  (principalId, key) => `new workspace of ${principalId} under ${key ?? 'no key'}`,
);

describe('the guard', () => {
  test('lets everybody onto a public route, as nobody', async () => {
    const request = asking({ access: { public: true } });
    await guard.admit(request);
    expect(request.ctx).toBeNull();
  });

  test('lets nobody onto a route that declares nothing, whoever asks', async () => {
    await expect(guard.admit(asking({ access: undefined, token: 'service' }))).rejects.toThrow(new AccessError('forbidden'));
  });

  test.each([undefined, 'unknown'])('lets nobody in by the token %s', async (token) => {
    const request = asking({ access: { action: 'item:read' }, params: { workspaceId: ACME }, ...(token && { token }) });
    await expect(guard.admit(request)).rejects.toThrow(new AccessError('unauthenticated'));
    expect(request.ctx).toBeNull();
  });

  test('says who asks, from the credential alone', async () => {
    const request = asking({ access: { action: 'item:read' }, params: { workspaceId: ACME }, token: 'service' });
    await guard.admit(request);
    expect(request.ctx).toMatchObject({
      principal: { id: 'id-of-service' },
      workspaceId: ACME,
      requestId: 'r-1',
      sourceAddress: '192.0.2.1',
    });
  });

  test.each(['22222222-2222-4222-8222-222222222222', ACME.toUpperCase(), '', 'x'])('knows no workspace %j', async (workspaceId) => {
    const request = asking({ access: { action: 'item:read' }, params: { workspaceId }, token: 'service' });
    await expect(guard.admit(request)).rejects.toThrow(new WorkspaceError('workspace_not_found'));
    expect(request.ctx).toBeNull();
  });

  test('refuses what a principal may not do', async () => {
    await expect(guard.admit(asking({ access: { action: 'workspace:create' }, token: 'service' }))).rejects.toThrow(
      new AccessError('forbidden'),
    );
    const inside = asking({ access: { action: 'item:read' }, params: { workspaceId: ACME }, token: 'operator' });
    await expect(guard.admit(inside)).rejects.toThrow(new AccessError('forbidden'));
  });

  test('asks a person to show again who they are before acts that lose or expose data, and nobody before others', async () => {
    const losing = { access: { action: 'item:read' }, params: { workspaceId: ACME } } as const;
    await expect(guard.admit(asking({ ...losing, confirmsIdentity: true, token: 'unconfirmed' }))).rejects.toThrow(
      new AccessError('confirmation_required'),
    );
    await guard.admit(asking({ ...losing, token: 'unconfirmed' }));
    await guard.admit(asking({ ...losing, confirmsIdentity: true, token: 'service' }));
  });

  test('gives the operator the workspace that is to be, which follows from the idempotency key', async () => {
    const request = asking({ access: { action: 'workspace:create' }, token: 'operator', key: 'k-1' });
    await guard.admit(request);
    expect(request.ctx?.workspaceId).toBe('new workspace of id-of-operator under k-1');
  });
});
