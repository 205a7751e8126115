import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type GrantFacts, GrantRows, RowMacs } from '#access';
import { RootKey } from '#envelope';
import { anItem } from './harness/item.js';
import { type SignedInMember, aMember, anAwsIdentity } from './harness/principals.js';
import { type Keyhold, type Workspace, startKeyhold } from './harness/service.js';

jest.setTimeout(60_000);

describe('what lies in a box', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let owner: SignedInMember;
  let itemId: string;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await keyhold.aWorkspace();
    owner = await aMember(keyhold, acme, 'owner');
    itemId = await anItem(acme, { secret: 'box' });
  });
  afterAll(() => keyhold.stop());

  test('is read by the Owner through the group that owns the box, and by nobody for their role', async () => {
    expect(await owner.call('POST', `/items/${itemId}/unseal`)).toMatchObject({ status: 200, body: { payload: { secret: 'box' } } });
    const absent = await acme.call('POST', `/items/${randomUUID()}/unseal`);
    for (const role of ['super_admin', 'admin', 'user'] as const) {
      const member = await aMember(keyhold, acme, role);
      const refused = await member.call('POST', `/items/${itemId}/unseal`);
      expect(refused).toMatchObject({ status: 404, body: { ...absent.body, requestId: expect.any(String) } });
      expect((await member.call('GET', '/items')).body).toEqual({ data: [], nextCursor: null });
      const events = await acme.call('GET', `/audit-events?principalId=${member.memberId}`);
      expect(events.body.data).toEqual([
        expect.objectContaining({ type: 'access.refused', caller: expect.objectContaining({ sessionId: member.sessionId }) }),
      ]);
    }
  });

  test('is what a grant gives an AWS identity from the moment it stands, and no longer than it stands', async () => {
    const identity = await anAwsIdentity(keyhold, acme);
    const unseal = () => identity.call('POST', `/items/${itemId}/unseal`);
    expect(await unseal()).toMatchObject({ status: 404 });
    const grantId = await aGrant({ iam_arn: 'arn:aws:iam::111122223333:role/App', role: 'read' });
    expect(await unseal()).toMatchObject({ status: 200 });
    expect(await identity.call('DELETE', `/items/${itemId}`)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    await keyhold.database.asAdmin('DELETE FROM box_grants WHERE grant_id = $1', [grantId]);
    expect(await unseal()).toMatchObject({ status: 404 });
  });

  test('is closed to another identity under the same name when the grant is for one unique id', async () => {
    await aGrant({ iam_arn: 'arn:aws:iam::111122223333:role/Pinned', pinned_unique_id: 'AROAFIRST', role: 'read' });
    const as = (uniqueId: string) =>
      anAwsIdentity(keyhold, acme, { arn: 'arn:aws:sts::111122223333:assumed-role/Pinned/s-1', uniqueId }).then(({ call }) =>
        call('POST', `/items/${itemId}/unseal`),
      );
    expect(await as('AROAFIRST')).toMatchObject({ status: 200 });
    expect(await as('AROASECOND')).toMatchObject({ status: 404 });
  });

  test('is closed to a grant, a role and a membership that somebody else wrote into the database', async () => {
    const user = await aMember(keyhold, acme, 'user');
    const unseal = () => user.call('POST', `/items/${itemId}/unseal`);
    const [{ group_id: groupId } = {}] = await keyhold.database.asAdmin<{ group_id: string }>(
      'SELECT group_id FROM groups WHERE workspace_id = $1',
      [acme.id],
    );
    await keyhold.database.asAdmin(`INSERT INTO group_members (workspace_id, group_id, member_id, mac) VALUES ($1, $2, $3, sha256('x'))`, [
      acme.id,
      groupId,
      user.memberId,
    ]);
    await keyhold.database.asAdmin(
      `INSERT INTO box_grants (workspace_id, box_id, grant_id, member_id, role, mac) VALUES ($1, $2, $3, $4, 'owner', sha256('x'))`,
      [acme.id, acme.defaultBoxId, randomUUID(), user.memberId],
    );
    expect(await unseal()).toMatchObject({ status: 404 });
    await keyhold.database.asAdmin(`UPDATE members SET role = 'super_admin' WHERE member_id = $1`, [user.memberId]);
    const fresh = await keyhold.anotherNode();
    const there = await fetch(`${fresh.url}/v1/workspaces/${acme.id}/items`, { headers: { authorization: `Bearer ${user.token}` } });
    expect(there.status).toBe(401);
  });

  test('is closed to who may read another box, into which somebody moved it in the database', async () => {
    const box = randomUUID();
    const user = await aMember(keyhold, acme, 'user');
    await keyhold.database.asAdmin(`INSERT INTO boxes (workspace_id, box_id, name) VALUES ($1, $2, 'Theirs')`, [acme.id, box]);
    await aGrant({ member_id: user.memberId, role: 'read' }, box);
    const theirs = await anItem(acme, { secret: 'theirs' }, { boxId: box });
    const moved = await anItem(acme, { secret: 'moved' });
    await keyhold.database.asAdmin('UPDATE items SET box_id = $1 WHERE item_id = $2', [box, moved]);
    expect(await user.call('POST', `/items/${theirs}/unseal`)).toMatchObject({ status: 200 });
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/unseal'],
      ['GET', '/export'],
      ['GET', '/versions'],
    ] as const)
      expect(await user.call(method, `/items/${moved}${path}`)).toMatchObject({ status: 404, body: { code: 'item_not_found' } });
  });

  async function aGrant(grant: Partial<GrantFacts> & { role: 'read' }, boxId = acme.defaultBoxId): Promise<string> {
    const grantId = randomUUID();
    const query = ({ text }: { text: string }, values: readonly unknown[] = []) => keyhold.database.asAdmin(text, [acme.id, ...values]);
    await new GrantRows(new RowMacs(RootKey.fromBytes(keyhold.rootKey))).insert({ query } as never, acme.id, {
      box_id: boxId,
      grant_id: grantId,
      member_id: null,
      group_id: null,
      iam_arn: null,
      pinned_unique_id: null,
      is_owner_group: false,
      ...grant,
    });
    return grantId;
  }
});
