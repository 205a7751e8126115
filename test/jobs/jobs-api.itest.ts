import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { JobKind } from '#jobs';
import { aJob } from '../harness/job.js';
import { aMember } from '../harness/principals.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { aDefaultVault } from '../harness/vault.js';

jest.setTimeout(60_000);

describe('jobs of a workspace', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let globex: Workspace;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    [acme, globex] = [await keyhold.aWorkspace('Acme'), await keyhold.aWorkspace('Globex')];
  });
  afterAll(() => keyhold.stop());

  const ids = async (query: string) => ((await acme.call('GET', `/jobs${query}`)).body.data as { id: string }[]).map(({ id }) => id);

  test('are listed newest first, by kind, state and vault, in pages', async () => {
    const vaultId = await aDefaultVault(acme);
    const kinds = ['vault.rekey', 'vault.rekey', 'items.move'] as JobKind[];
    const [first, second, third] = [
      await aJob(keyhold, acme.id, { kind: kinds[0] as JobKind, vaultId }),
      await aJob(keyhold, acme.id, { kind: kinds[1] as JobKind }),
      await aJob(keyhold, acme.id, { kind: kinds[2] as JobKind }),
    ];
    await acme.call('POST', `/jobs/${third}/pause`);
    expect(await ids('')).toEqual([third, second, first]);
    expect(await ids('?kind=vault.rekey')).toEqual([second, first]);
    expect(await ids('?state=paused')).toEqual([third]);
    expect(await ids(`?vaultId=${vaultId}`)).toEqual([first]);
    const page = await acme.call('GET', '/jobs?limit=2');
    expect(await ids(`?limit=2&cursor=${page.body.nextCursor as string}`)).toEqual([first]);
    expect((await acme.call('GET', '/jobs?kind=something')).status).toBe(400);
  });

  test('tell what was asked for, by whom, and how far it is', async () => {
    const id = await aJob(keyhold, acme.id, { params: { parts: 7 } });
    expect((await acme.call('GET', `/jobs/${id}`)).body).toEqual({
      id,
      kind: 'test.count',
      state: 'queued',
      vaultId: null,
      params: { parts: 7 },
      requestedBy: { kind: 'system', id: 'system', name: 'Keyhold' },
      progress: { total: null, done: 0, failed: 0 },
      result: null,
      cause: null,
      createdAt: expect.any(String),
      startedAt: null,
      updatedAt: expect.any(String),
      finishedAt: null,
    });
  });

  test('are for Admins and above', async () => {
    const id = await aJob(keyhold, acme.id);
    const [admin, user] = [await aMember(keyhold, acme, 'admin'), await aMember(keyhold, acme, 'user')];
    expect((await admin.call('GET', '/jobs')).status).toBe(200);
    expect((await admin.call('POST', `/jobs/${id}/pause`)).status).toBe(200);
    expect((await user.call('GET', '/jobs')).status).toBe(403);
    expect((await user.call('POST', `/jobs/${id}/cancel`)).status).toBe(403);
  });

  test.each(['', '/pause', '/resume', '/cancel'])('of another workspace do not exist: …/jobs/:id%s', async (what) => {
    const foreign = await aJob(keyhold, globex.id);
    const method = what === '' ? 'GET' : 'POST';
    const answers = [foreign, randomUUID(), 'none'].map((id) => acme.call(method, `/jobs/${id}${what}`));
    const bodies = (await Promise.all(answers)).map(({ status, body }) => ({ ...(body as object), status, requestId: undefined }));
    expect(bodies[0]).toMatchObject({ status: 404, code: 'job_not_found' });
    expect(bodies).toEqual([bodies[0], bodies[0], bodies[0]]);
    expect((await globex.call('GET', `/jobs/${foreign}`)).body).toMatchObject({ state: 'queued' });
  });
});
