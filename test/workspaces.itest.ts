import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { aMember } from './harness/principals.js';
import { type Keyhold, type Workspace, startKeyhold } from './harness/service.js';

jest.setTimeout(60_000);

describe('a workspace’s settings', () => {
  let keyhold: Keyhold;
  let acme: Workspace;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await keyhold.aWorkspace('Acme');
  });
  afterAll(() => keyhold.stop());

  test('are read by everybody in it', async () => {
    const member = await aMember(keyhold, acme, 'user');
    const { status, body } = await member.call('GET', '');
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        id: acme.id,
        name: 'Acme',
        defaultVaultId: acme.defaultVaultId,
        defaultBoxId: acme.defaultBoxId,
        awsAudience: 'required',
        createdAt: expect.any(String),
      },
    });
  });

  test('are changed one by one, and the trail tells what they were', async () => {
    const { id } = await keyhold.aWorkspace('Before').then(async (workspace) => {
      expect(await workspace.call('PATCH', '', { awsAudience: 'optional' })).toMatchObject({
        status: 200,
        body: { name: 'Before', awsAudience: 'optional' },
      });
      expect(await workspace.call('PATCH', '', { name: 'After' })).toMatchObject({
        status: 200,
        body: { name: 'After', awsAudience: 'optional' },
      });
      expect((await workspace.call('GET', '')).body).toMatchObject({ name: 'After', awsAudience: 'optional' });
      return workspace;
    });
    const events = await keyhold.database.asAdmin<{ details: object }>(
      `SELECT details FROM audit_events WHERE workspace_id = $1 AND type = 'workspace.updated' ORDER BY event_id`,
      [id],
    );
    expect(events.map(({ details }) => details)).toEqual([
      { before: { name: 'Before', awsAudience: 'required' }, after: { name: 'Before', awsAudience: 'optional' } },
      { before: { name: 'Before', awsAudience: 'optional' }, after: { name: 'After', awsAudience: 'optional' } },
    ]);
  });

  test('are changed by administrators, and by nobody else', async () => {
    const admin = await aMember(keyhold, acme, 'admin');
    expect((await admin.call('PATCH', '', { name: 'Acme' })).status).toBe(200);
    const user = await aMember(keyhold, acme, 'user');
    expect(await user.call('PATCH', '', { awsAudience: 'optional' })).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  test.each([{ awsAudience: 'none' }, { awsAudience: true }, { name: '' }, { name: 7 }, { id: 'x' }, { defaultVaultId: 'x' }])(
    'are nothing else than what they can be: %j',
    async (change) => {
      expect(await acme.call('PATCH', '', change)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
    },
  );
});
