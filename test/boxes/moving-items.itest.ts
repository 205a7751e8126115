import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { aBox, aGrant } from '../harness/box.js';
import { anItem } from '../harness/item.js';
import { type SignedInMember, aMember } from '../harness/principals.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';

jest.setTimeout(120_000);

describe('an item that is moved to another box', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let mover: SignedInMember;
  let [source, target] = ['', ''];

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await keyhold.aWorkspace('Acme');
    mover = await aMember(keyhold, acme, 'user');
    [source, target] = [await aBox(acme), await aBox(acme)];
    for (const boxId of [source, target]) await aGrant(acme, boxId, { kind: 'user', memberId: mover.memberId }, 'write');
  });
  afterAll(() => keyhold.stop());

  const readerOf = async (boxId: string): Promise<SignedInMember> => {
    const member = await aMember(keyhold, acme, 'user');
    await aGrant(acme, boxId, { kind: 'user', memberId: member.memberId }, 'read');
    return member;
  };

  test('is what those may read who read the one, and no longer those who read the other; nothing is sealed anew', async () => {
    const itemId = await anItem(acme, { secret: 'moves' }, { boxId: source });
    const [before, after] = [await readerOf(source), await readerOf(target)];
    const sealed = () => keyhold.database.asAdmin('SELECT * FROM item_versions WHERE item_id = $1', [itemId]);
    const stored = await sealed();
    const moved = await mover.call('POST', `/items/${itemId}/box`, { boxId: target });
    expect(moved).toMatchObject({ status: 200, body: { id: itemId, boxId: target, version: 1 } });
    expect(await after.call('POST', `/items/${itemId}/unseal`)).toMatchObject({ status: 200, body: { payload: { secret: 'moves' } } });
    expect(await before.call('POST', `/items/${itemId}/unseal`)).toMatchObject({ status: 404 });
    expect(await sealed()).toEqual(stored);
    const { data } = (await acme.call('GET', `/audit-events?requestId=${moved.headers.get('x-request-id') ?? ''}`)).body;
    expect(data).toMatchObject([
      {
        type: 'item.updated',
        itemId,
        boxId: target,
        principal: { id: mover.memberId },
        details: { before: { boxId: source }, after: { boxId: target } },
      },
    ]);
  });

  test('is moved by nobody who may not delete it here and seal it there', async () => {
    const itemId = await anItem(acme, {}, { boxId: source });
    const reads = await readerOf(source);
    await aGrant(acme, target, { kind: 'user', memberId: reads.memberId }, 'write');
    expect(await reads.call('POST', `/items/${itemId}/box`, { boxId: target })).toMatchObject({ status: 403 });
    const writes = await readerOf(target);
    await aGrant(acme, source, { kind: 'user', memberId: writes.memberId }, 'write');
    expect(await writes.call('POST', `/items/${itemId}/box`, { boxId: target })).toMatchObject({ status: 403 });
    const closed = await aBox(acme);
    const globex = await keyhold.aWorkspace('Globex');
    const answers = [];
    for (const boxId of [closed, randomUUID(), globex.defaultBoxId]) {
      const { status, body } = await mover.call('POST', `/items/${itemId}/box`, { boxId });
      answers.push(JSON.stringify({ status, body: { ...body, requestId: '' } }));
    }
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toContain('box_not_found');
    const stranger = await aMember(keyhold, acme, 'admin');
    expect(await stranger.call('POST', `/items/${itemId}/box`, { boxId: target })).toMatchObject({
      status: 404,
      body: { code: 'item_not_found' },
    });
  });

  test('is in one of the two boxes, and read there, when it is moved to and fro at once', async () => {
    const itemId = await anItem(acme, { secret: 'here' }, { boxId: source });
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => mover.call('POST', `/items/${itemId}/box`, { boxId: i % 2 ? source : target })),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await mover.call('POST', `/items/${itemId}/unseal`)).toMatchObject({ status: 200, body: { payload: { secret: 'here' } } });
  });

  test('never ends in a box that is deleted at the same time', async () => {
    const doomed = await aBox(acme);
    await aGrant(acme, doomed, { kind: 'user', memberId: mover.memberId }, 'write');
    const ids = await Promise.all(Array.from({ length: 6 }, () => anItem(acme, {}, { boxId: source })));
    const answers = await Promise.all([
      ...ids.map((id) => mover.call('POST', `/items/${id}/box`, { boxId: doomed })),
      acme.call('DELETE', `/boxes/${doomed}`),
    ]);
    const { items } = (
      (await acme.call('GET', `/audit-events?type=box.deleted&boxId=${doomed}`)).body.data as [{ details: { items: number } }]
    )[0].details;
    expect(answers.filter(({ status, body }) => status === 200 && body.boxId === doomed)).toHaveLength(items);
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(ids.length - items);
  });
});
