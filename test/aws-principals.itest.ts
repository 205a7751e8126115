import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type CallersAccount, aCallersAccount } from './harness/aws-callers.js';
import { type Answer, aClient } from './harness/client.js';
import { anItem } from './harness/item.js';
import { type Keyhold, type Workspace, startKeyhold } from './harness/service.js';
import { AUDIENCE_HEADER, type Signer, signIdentity } from './harness/signed-identity.js';

jest.setTimeout(60_000);

let keyhold: Keyhold;
let account: CallersAccount;
let other: CallersAccount;
beforeAll(async () => {
  keyhold = await startKeyhold({ env: { KEYHOLD_DEPLOYMENT_ID: 'keyhold.test' } });
  [account, other] = [await aCallersAccount(keyhold.sandbox), await aCallersAccount(keyhold.sandbox)];
});
afterAll(() => keyhold.stop());

/** A box of its own with these grants, and an item in it. */
interface GrantedBox {
  boxId: string;
  itemId: string;
}

const succeeded = ({ status, text, body }: Answer): any => {
  if (status >= 300) throw new Error(`${status}: ${text}`);
  return body;
};

async function aBox(acme: Workspace, grants: readonly [arn: string, role: string][]): Promise<GrantedBox> {
  const { ownerGroupId } = succeeded(await acme.call('GET', `/boxes/${acme.defaultBoxId}`)) as { ownerGroupId: string };
  const { id: boxId } = succeeded(await acme.call('POST', '/boxes', { name: `Box ${randomUUID()}`, ownerGroupId })) as { id: string };
  for (const [arn, role] of grants) succeeded(await acme.call('POST', `/boxes/${boxId}/grants`, { principal: { kind: 'iam', arn }, role }));
  return { boxId, itemId: await anItem(acme, { secret: 'box' }, { boxId }) };
}

const signedAt = new Set<number>();
/** The latest second of which nothing was signed here: one signature signs in once. */
function anotherSecond(): Date {
  let second = Math.floor(Date.now() / 1_000);
  while (signedAt.has(second)) second -= 1;
  signedAt.add(second);
  return new Date(second * 1_000);
}

const signIn = (acme: Workspace, signer: Signer): Promise<Answer> => {
  const signed = signIdentity(signer, { at: anotherSecond(), headers: { [AUDIENCE_HEADER]: `keyhold.test;${acme.id}` } });
  return aClient(keyhold.url)('POST', '/v1/auth/aws', { workspaceId: acme.id, ...signed });
};

const unseals = async (acme: Workspace, { body }: Answer, { itemId }: GrantedBox): Promise<boolean> => {
  const call = aClient(`${keyhold.url}/v1/workspaces/${acme.id}`, String(body.token));
  const { status } = await call('POST', `/items/${itemId}/unseal`);
  expect([200, 404]).toContain(status);
  return status === 200;
};

const arnOf = async (acme: Workspace, signer: Signer): Promise<string> => {
  const { headers } = await signIn(acme, signer);
  const [event] = await keyhold.database.asAdmin<{ arn: string }>(
    `SELECT coalesce(details->>'arn', caller->>'arn') AS arn FROM audit_events WHERE request_id = $1`,
    [headers.get('x-request-id')],
  );
  return event?.arn ?? '';
};

type Row = [row: string, caller: () => Promise<Signer>, grant: () => string, matches: boolean];

const arn =
  (resource: string, of = () => account) =>
  () =>
    `arn:aws:${/^(assumed|federated)/.test(resource) ? 'sts' : 'iam'}::${of().accountId}:${resource}`;
const SSO = 'AWSReservedSSO_Admin_1234';

const ROWS: readonly Row[] = [
  ['M1: the base role means every session', () => account.session('App', 'i-0abc'), arn('role/App'), true],
  ['M2: the exact session', () => account.session('App', 'i-0abc'), arn('assumed-role/App/i-0abc'), true],
  ['M3: another session', () => account.session('App', 'i-0abc'), arn('assumed-role/App/other'), false],
  ['M4: a role with a path, which no session tells', () => account.session('App', 'i-0abc'), arn('role/some/path/App'), false],
  ['M6: a session through its account', () => account.session('App'), arn('root'), true],
  ['M6: a user through its account', () => account.user('alice'), arn('root'), true],
  ['M6: a federated user through its account', () => account.federated('bob'), arn('root'), true],
  ['M7: a session of another account', () => other.session('App'), arn('root'), false],
  ['M7: a user of another account', () => other.user('alice'), arn('root'), false],
  ['M8: the exact user', () => account.user('alice'), arn('user/alice'), true],
  ['M9: a user of the same name on another path', () => account.user('deep', '/div/'), arn('user/deep'), false],
  ['M10: a user with the name of a role: DENY', () => account.user('App'), arn('role/App'), false],
  ['M11: a federated user with the name of a role: DENY', () => account.federated('App'), arn('role/App'), false],
  ['M12: the exact federated user', () => account.federated('bob'), arn('federated-user/bob'), true],
  ['M13: the account’s root user', () => Promise.resolve(account.root), arn('root'), true],
  ['M14: the root user by a grant to a role', () => Promise.resolve(account.root), arn('role/App'), false],
  ['M16: a user with path and name of a role: DENY', () => account.user('AppUser', '/div/'), arn('role/div/AppUser'), false],
  ['M18: a role in other letters', () => account.session('app2', 's1'), arn('role/App2'), false],
  ['M20: a role of AWS by its path', () => account.session(SSO, 'jo@x'), arn(`role/aws-reserved/sso.amazonaws.com/${SSO}`), false],
  ['M20: a role of AWS without its path', () => account.session(SSO, 'jo@x'), arn(`role/${SSO}`), true],
  ['M23: a user with the name of a role: DENY', () => account.user('alice'), arn('role/alice'), false],
];

describe('whom a grant means', () => {
  test.each(ROWS)('%s', async (_row, caller, grant, matches) => {
    const acme = await keyhold.aWorkspace();
    const signer = await caller();
    const box = await aBox(acme, [[grant(), 'read']]);
    const first = await signIn(acme, signer);
    expect(first.status).toBe(matches ? 200 : 401);
    if (matches) expect(await unseals(acme, first, box)).toBe(true);
    const own = await aBox(acme, [[await arnOf(acme, signer), 'read']]);
    const second = await signIn(acme, signer);
    expect(second.status).toBe(200);
    expect(await unseals(acme, second, own)).toBe(true);
    expect(await unseals(acme, second, box)).toBe(matches);
  });

  test('M17: a session has one box by its role and one by its own name', async () => {
    const acme = await keyhold.aWorkspace();
    const byRole = await aBox(acme, [[arn('role/App')(), 'read']]);
    const bySession = await aBox(acme, [[arn('assumed-role/App/s1')(), 'read']]);
    const signedIn = await signIn(acme, await account.session('App', 's1'));
    expect([await unseals(acme, signedIn, byRole), await unseals(acme, signedIn, bySession)]).toEqual([true, true]);
    const otherSession = await signIn(acme, await account.session('App', 's2'));
    expect([await unseals(acme, otherSession, byRole), await unseals(acme, otherSession, bySession)]).toEqual([true, false]);
  });

  test('M21: of several grants each counts', async () => {
    const acme = await keyhold.aWorkspace();
    const { boxId } = await aBox(acme, [
      [arn('role/App')(), 'read'],
      [arn('root')(), 'write'],
    ]);
    const seal = async (signer: Signer) => {
      const { body } = await signIn(acme, signer);
      const order = { kind: 'secret', name: 'n', payload: {}, boxId };
      return (await aClient(`${keyhold.url}/v1/workspaces/${acme.id}`, String(body.token))('POST', '/items', order)).status;
    };
    expect(await seal(await account.session('App', 's1'))).toBe(201);
    const readOnly = await aBox(acme, [[arn('role/App')(), 'read']]);
    const { body } = await signIn(acme, await account.session('App', 's1'));
    const call = aClient(`${keyhold.url}/v1/workspaces/${acme.id}`, String(body.token));
    expect((await call('POST', '/items', { kind: 'secret', name: 'n', payload: {}, boxId: readOnly.boxId })).status).toBe(403);
  });

  test('M23: a user has the box of its account, and not the one of a role with its name', async () => {
    const acme = await keyhold.aWorkspace();
    const [one, two] = [await aBox(acme, [[arn('root')(), 'read']]), await aBox(acme, [[arn('role/alice')(), 'read']])];
    const signedIn = await signIn(acme, await account.user('alice'));
    expect(signedIn.body.arn).toBe(arn('user/alice')());
    expect([await unseals(acme, signedIn, one), await unseals(acme, signedIn, two)]).toEqual([true, false]);
  });

  test.each([
    ['M15: of another partition', 'arn:aws-us-gov:sts::<account>:assumed-role/App/s1'],
    ['M19: of another partition with the same names', 'arn:aws-cn:sts::<account>:assumed-role/App/s1'],
    ['M22: an instance profile: DENY', 'arn:aws:iam::<account>:instance-profile/App'],
    ['a role that is no session', 'arn:aws:iam::<account>:role/App'],
    ['a group', 'arn:aws:iam::<account>:group/App'],
  ])('%s is nobody, whatever AWS says', async (_what, told) => {
    const acme = await keyhold.aWorkspace();
    await aBox(acme, [
      [arn('role/App')(), 'read'],
      [arn('root')(), 'read'],
    ]);
    const result = { Account: account.accountId, Arn: told.replace('<account>', account.accountId), UserId: 'AROAEXAMPLEEXAMPLE123:s1' };
    const body = JSON.stringify({ GetCallerIdentityResponse: { GetCallerIdentityResult: result, ResponseMetadata: { RequestId: 'r' } } });
    const lift = await keyhold.sandbox.control.fault({ operation: 'GetCallerIdentity', fault: { kind: 'answer', status: 200, body } });
    const { status, text } = await signIn(acme, account.root);
    await lift();
    expect([401, 503]).toContain(status);
    expect(text).not.toContain('khs_');
  });
});

describe('what a grant may name', () => {
  const granted = async (acme: Workspace, given: string) =>
    acme.call('POST', `/boxes/${acme.defaultBoxId}/grants`, { principal: { kind: 'iam', arn: given }, role: 'read' });

  test('M4, M5, M20: a role with its path, with a warning that no sign-in will match', async () => {
    const acme = await keyhold.aWorkspace();
    const { status, body } = await granted(acme, arn('role/some/path/App')());
    expect({ status, warnings: body.warnings }).toMatchObject({ status: 201, warnings: [{ code: 'role_path' }] });
  });

  test('M2: a session, with a warning that its name is mostly chosen by its caller', async () => {
    const acme = await keyhold.aWorkspace();
    const { status, body } = await granted(acme, arn('assumed-role/App/s1')());
    expect({ status, warnings: body.warnings }).toMatchObject({ status: 201, warnings: [{ code: 'session_name' }] });
  });

  test.each([
    'arn:aws:iam::111122223333:role/*',
    'arn:aws:iam::111122223333:role/app*',
    'arn:aws:iam::*:root',
    'arn:aws:iam::111122223333:instance-profile/App',
    'arn:aws:iam::111122223333:group/App',
    'arn:aws-cn:iam::111122223333:role/App',
    'arn:aws:sts::111122223333:assumed-role/App',
    '111122223333',
  ])('not %s', async (given) => {
    const acme = await keyhold.aWorkspace();
    const { status } = await granted(acme, given);
    expect([400, 422]).toContain(status);
  });
});
