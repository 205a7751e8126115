import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { aBox, aGrant, aGroup, firstGroupOf } from '../harness/box.js';
import { type Answer, type Client, aClient } from '../harness/client.js';
import { eventsOfAnswer } from '../harness/events.js';
import { anItem } from '../harness/item.js';
import { type SignedInMember, aMember, joinGroup } from '../harness/principals.js';
import { type Keyhold, type Node, type Workspace, startKeyhold } from '../harness/service.js';

jest.setTimeout(120_000);

const DAY_MS = 24 * 60 * 60 * 1000;
const BOXES_MAX = 30;

describe('a box that is deleted', () => {
  let keyhold: Keyhold;
  let elsewhere: Node;
  let acme: Workspace;
  let reader: SignedInMember;
  let boxOwner: SignedInMember;

  beforeAll(async () => {
    keyhold = await startKeyhold({ env: { KEYHOLD_BOXES_PER_WORKSPACE: String(BOXES_MAX) } });
    acme = await keyhold.aWorkspace('Acme');
    [reader, boxOwner] = [await aMember(keyhold, acme, 'user'), await aMember(keyhold, acme, 'user')];
    elsewhere = await keyhold.anotherNode();
  });
  afterAll(() => keyhold.stop());

  const there = ({ token }: { token: string }): Client => aClient(`${elsewhere.url}/v1/workspaces/${acme.id}`, token);
  const idsIn = async (call: Client, query = ''): Promise<string[]> =>
    ((await call('GET', `/boxes?limit=100${query}`)).body.data as { id: string }[]).map(({ id }) => id);

  /** A box with something in it, that one may read and another owns. */
  async function aFilledBox(name = `Box ${randomUUID()}`): Promise<{ boxId: string; itemId: string }> {
    const boxId = await aBox(acme, { name });
    await aGrant(acme, boxId, { kind: 'user', memberId: reader.memberId }, 'read');
    await aGrant(acme, boxId, { kind: 'user', memberId: boxOwner.memberId }, 'owner');
    return { boxId, itemId: await anItem(acme, { secret: name }, { boxId }) };
  }

  test('is not there any more, nor is what was in it, for anybody on any node', async () => {
    const { boxId, itemId } = await aFilledBox('Old');
    const deleted = await boxOwner.call('DELETE', `/boxes/${boxId}`);
    expect(deleted).toMatchObject({ status: 200, body: { id: boxId, status: 'deleted', myActions: [] } });
    const { deletedAt, purgeAt } = deleted.body as { deletedAt: string; purgeAt: string };
    expect(Date.parse(purgeAt) - Date.parse(deletedAt)).toBe(7 * DAY_MS);
    expect(await eventsOfAnswer(acme.call, deleted)).toMatchObject([
      { type: 'box.deleted', boxId, details: { name: 'Old', items: 1, purgeAt }, principal: { id: boxOwner.memberId } },
    ]);
    for (const call of [reader.call, there(reader), boxOwner.call, acme.call, there(acme)]) {
      const absent = told(await call('GET', `/boxes/${randomUUID()}`));
      expect(told(await call('GET', `/boxes/${boxId}`))).toEqual(absent);
      expect(await idsIn(call)).not.toContain(boxId);
      const noItem = told(await call('POST', `/items/${randomUUID()}/unseal`));
      expect(told(await call('POST', `/items/${itemId}/unseal`))).toEqual(noItem);
      expect((await call('GET', `/items?boxId=${boxId}`)).body.data).toEqual([]);
    }
    const absent = { status: 404, body: { code: 'box_not_found' } };
    expect(await acme.call('POST', '/items', { kind: 'secret', name: 'n', boxId, payload: {} })).toMatchObject(absent);
    expect(await acme.call('PATCH', `/boxes/${boxId}`, { name: 'x' })).toMatchObject(absent);
    expect(await acme.call('GET', `/boxes/${boxId}/grants`)).toMatchObject(absent);
    expect(await acme.call('DELETE', `/boxes/${boxId}`)).toMatchObject(absent);
  });

  test('comes back as it was, with its items and grants', async () => {
    const { boxId, itemId } = await aFilledBox();
    const before = (await acme.call('GET', `/boxes/${boxId}`)).body;
    await acme.call('DELETE', `/boxes/${boxId}`);
    const restored = await boxOwner.call('POST', `/boxes/${boxId}/restore`);
    expect(restored).toMatchObject({ status: 200, body: { status: 'live', name: before.name, deletedAt: null, purgeAt: null } });
    expect(await eventsOfAnswer(acme.call, restored)).toMatchObject([{ type: 'box.restored', boxId }]);
    for (const call of [reader.call, there(reader)])
      expect(await call('POST', `/items/${itemId}/unseal`)).toMatchObject({ status: 200, body: { payload: { secret: before.name } } });
    expect(await acme.call('POST', `/boxes/${boxId}/restore`)).toMatchObject({ status: 404 });
  });

  test('is listed for those who may restore it, and restored by nobody else', async () => {
    const { boxId } = await aFilledBox();
    const stranger = await aMember(keyhold, acme, 'super_admin');
    const workspaceOwner = await aMember(keyhold, acme, 'owner');
    await acme.call('DELETE', `/boxes/${boxId}`);
    for (const { call } of [boxOwner, workspaceOwner, acme]) expect(await idsIn(call, '&status=deleted')).toContain(boxId);
    for (const { call } of [reader, stranger]) expect(await idsIn(call, '&status=deleted')).not.toContain(boxId);
    expect(await reader.call('POST', `/boxes/${boxId}/restore`)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(told(await stranger.call('POST', `/boxes/${boxId}/restore`))).toEqual(
      told(await stranger.call('POST', `/boxes/${randomUUID()}/restore`)),
    );
    expect(await workspaceOwner.call('POST', `/boxes/${boxId}/restore`)).toMatchObject({ status: 200 });
  });

  test('is gone for good when the time to undo it is over, although nobody has purged it yet', async () => {
    const { boxId } = await aFilledBox();
    await acme.call('DELETE', `/boxes/${boxId}`);
    await keyhold.database.asAdmin(`UPDATE boxes SET deleted_at = now() - interval '7 days 1 second' WHERE box_id = $1`, [boxId]);
    expect(await idsIn(acme.call, '&status=deleted')).not.toContain(boxId);
    expect(await acme.call('POST', `/boxes/${boxId}/restore`)).toMatchObject({ status: 404, body: { code: 'box_not_found' } });
  });

  test('gives its name free, and comes back under another one when that is taken', async () => {
    const { boxId } = await aFilledBox('Payments');
    await acme.call('DELETE', `/boxes/${boxId}`);
    await aBox(acme, { name: 'payments' });
    expect(await acme.call('POST', `/boxes/${boxId}/restore`)).toMatchObject({
      status: 409,
      body: { code: 'box_name_taken', detail: expect.stringContaining('restored under another `name`') },
    });
    const restored = await acme.call('POST', `/boxes/${boxId}/restore`, { name: 'Payments, old' });
    expect(restored).toMatchObject({ status: 200, body: { name: 'Payments, old' } });
    expect(await eventsOfAnswer(acme.call, restored)).toMatchObject([
      { details: { before: { name: 'Payments' }, after: { name: 'Payments, old' } } },
    ]);
  });

  test('is not deleted as long as items that name no box go there', async () => {
    expect(await acme.call('DELETE', `/boxes/${acme.defaultBoxId}`)).toMatchObject({ status: 409, body: { code: 'box_is_default' } });
  });

  test('is deleted by nobody who may only write in it, and by no person who did not show lately who they are', async () => {
    const writer = await aMember(keyhold, acme, 'user');
    const { boxId } = await aFilledBox();
    const grantId = await aGrant(acme, boxId, { kind: 'user', memberId: writer.memberId }, 'write');
    expect(await writer.call('DELETE', `/boxes/${boxId}`)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    await acme.call('PATCH', `/boxes/${boxId}/grants/${grantId}`, { role: 'owner' });
    await keyhold.database.asAdmin(`UPDATE sessions SET confirmed_at = now() - interval '16 minutes' WHERE session_id = $1`, [
      writer.sessionId,
    ]);
    expect(await there(writer)('DELETE', `/boxes/${boxId}`)).toMatchObject({ status: 403, body: { code: 'confirmation_required' } });
  });

  test('is deleted and restored once by many who ask at once', async () => {
    const { boxId, itemId } = await aFilledBox();
    const deleted = await Promise.all(Array.from({ length: 8 }, (_, i) => (i % 2 ? acme.call : there(acme))('DELETE', `/boxes/${boxId}`)));
    expect(deleted.map(({ status }) => status).toSorted()).toEqual([200, ...Array.from({ length: 7 }, () => 404)]);
    const restored = await Promise.all(
      Array.from({ length: 8 }, (_, i) => (i % 2 ? acme.call : there(acme))('POST', `/boxes/${boxId}/restore`)),
    );
    expect(restored.map(({ status }) => status).toSorted()).toEqual([200, ...Array.from({ length: 7 }, () => 404)]);
    expect(await reader.call('GET', `/items/${itemId}`)).toMatchObject({ status: 200 });
  });

  test('counts against what may wait to be purged, and is not restored beyond what the workspace may have', async () => {
    const initech = await keyhold.aWorkspace('Initech');
    const ownerGroupId = await firstGroupOf(initech);
    const create = () => initech.call('POST', '/boxes', { name: randomUUID(), ownerGroupId });
    const remove = async () => initech.call('DELETE', `/boxes/${(await create()).body.id as string}`);
    const deleted = [];
    for (let i = 0; i < BOXES_MAX; i += 1) deleted.push(await remove());
    expect(new Set(deleted.map(({ status }) => status))).toEqual(new Set([200]));
    for (let i = 1; i < BOXES_MAX; i += 1) expect((await create()).status).toBe(201);
    const full = { status: 409, body: { code: 'box_quota_reached' } };
    expect(await create()).toMatchObject(full);
    expect(await initech.call('POST', `/boxes/${deleted[0]?.body.id as string}/restore`)).toMatchObject(full);
  });

  test('gives nothing to a group that somebody joins meanwhile, until it is back', async () => {
    const groupId = await aGroup(keyhold, acme);
    const boxId = await aBox(acme, { grants: [{ principal: { kind: 'group', groupId }, role: 'read' }] });
    await acme.call('DELETE', `/boxes/${boxId}`);
    const late = await aMember(keyhold, acme, 'user');
    await joinGroup(keyhold, acme, groupId, late.memberId);
    expect(await late.call('GET', `/boxes/${boxId}`)).toMatchObject({ status: 404 });
    await acme.call('POST', `/boxes/${boxId}/restore`);
    expect(await late.call('GET', `/boxes/${boxId}`)).toMatchObject({ status: 200 });
  });
});

/** All of an answer but the id of the request. */
function told({ status, body, headers }: Answer): unknown {
  return { status, body: { ...body, requestId: '' }, type: headers.get('content-type'), length: headers.get('content-length') };
}
