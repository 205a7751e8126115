import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type CallersAccount, aCallersAccount, grantToArn } from './harness/aws-callers.js';
import { aClient } from './harness/client.js';
import { httpRequest } from './harness/http-request.js';
import { anItem } from './harness/item.js';
import { type Keyhold, type Workspace, startKeyhold } from './harness/service.js';
import { AUDIENCE_HEADER, type Signer, type SigningOrder, signIdentity } from './harness/signed-identity.js';

jest.setTimeout(60_000);

let keyhold: Keyhold;
let acme: Workspace;
let account: CallersAccount;

beforeAll(async () => {
  keyhold = await startKeyhold({ env: { KEYHOLD_DEPLOYMENT_ID: 'keyhold.test', KEYHOLD_WORKSPACE_HOST_SUFFIX: 'vault.test' } });
  acme = await keyhold.aWorkspace('Acme');
  account = await aCallersAccount(keyhold.sandbox);
  await grantToArn(keyhold, acme, account.role('App'));
});
afterAll(() => keyhold.stop());

const anonymous = () => aClient(keyhold.url);
const audience = (workspaceId = acme.id) => ({ [AUDIENCE_HEADER]: `keyhold.test;${workspaceId}` });
const signIn = (signer: Signer, order: SigningOrder = {}) =>
  anonymous()('POST', '/v1/auth/aws', {
    workspaceId: acme.id,
    ...signIdentity(signer, { ...order, headers: { ...audience(), ...order.headers } }),
  });

describe('an AWS identity that a grant names', () => {
  test('is signed in for an hour, and has what the grant gives', async () => {
    const session = await account.session('App', 'i-0abc');
    const { status, body } = await signIn(session);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        token: expect.stringMatching(/^khs_[0-9a-f]{32}_[\w-]{43}$/),
        sessionId: expect.any(String),
        arn: `arn:aws:sts::${account.accountId}:assumed-role/App/i-0abc`,
        account: account.accountId,
        uniqueId: expect.stringMatching(/^AROA[A-Z0-9]+$/),
      },
    });
    const [{ seconds } = { seconds: 0 }] = await keyhold.database.asAdmin<{ seconds: number }>(
      'SELECT extract(epoch FROM expires_at - created_at)::integer AS seconds FROM sessions WHERE session_id = $1',
      [body.sessionId],
    );
    expect(seconds).toBe(3600);
    const itemId = await anItem(acme, { secret: 'box' });
    const call = aClient(`${keyhold.url}/v1/workspaces/${acme.id}`, body.token as string);
    expect(await call('POST', `/items/${itemId}/unseal`)).toMatchObject({ status: 200, body: { payload: { secret: 'box' } } });
    expect(await call('DELETE', `/items/${itemId}`)).toMatchObject({ status: 403 });
  });

  test('signs the audience that the workspace’s AWS set-up tells', async () => {
    const { body } = await acme.call('GET', '/aws-setup');
    expect(body.signInAudience).toBe(`keyhold.test;${acme.id}`);
  });

  test('leaves a record of who it is, and of the request to STS', async () => {
    const session = await account.session('App', 'recorded');
    const { headers } = await signIn(session);
    const [event] = await eventsOf(headers.get('x-request-id'));
    expect(event).toMatchObject({
      type: 'sign_in.succeeded',
      principal_kind: 'aws',
      principal_id: `arn:aws:sts::${account.accountId}:assumed-role/App/recorded`,
      source_address: '127.0.0.1',
      details: { method: 'aws', door: 'keyhold' },
      caller: {
        account: account.accountId,
        accessKeyId: `ASIA…${session.accessKeyId.slice(-4)}`,
        audienceBound: true,
        uniqueId: expect.stringMatching(/^AROA/),
      },
      calls: [{ service: 'sts', operation: 'GetCallerIdentity', region: 'us-east-2', outcome: 'ok', requestId: expect.any(String) }],
    });
  });

  test('may use any Region of the partition', async () => {
    const { result, calls } = await keyhold.sandbox.control.callsDuring(async () =>
      signIn(await account.session('App'), { region: 'eu-north-1' }),
    );
    expect(result.status).toBe(200);
    expect(calls.at(-1)).toMatchObject({ operation: 'GetCallerIdentity', host: 'sts.eu-north-1.amazonaws.com' });
  });

  test('that AWS does not answer for may send the same signature again', async () => {
    const signed = signIdentity(await account.session('App'), { headers: audience() });
    const send = () => anonymous()('POST', '/v1/auth/aws', { workspaceId: acme.id, ...signed });
    const lift = await keyhold.sandbox.control.fault({
      operation: 'GetCallerIdentity',
      fault: { kind: 'error', status: 503, code: 'ServiceUnavailable' },
    });
    expect(await send()).toMatchObject({ status: 503, body: { code: 'sign_in_undecided', retryAfterSeconds: 2 } });
    await lift();
    expect(await send()).toMatchObject({ status: 200 });
  });

  test('whose session we could not keep may send the same signature again', async () => {
    const signed = signIdentity(await account.session('App'), { headers: audience() });
    const send = () => anonymous()('POST', '/v1/auth/aws', { workspaceId: acme.id, ...signed });
    await keyhold.database.asAdmin('ALTER TABLE sessions RENAME TO sessions_gone');
    expect((await send()).status).toBe(500);
    await keyhold.database.asAdmin('ALTER TABLE sessions_gone RENAME TO sessions');
    expect((await send()).status).toBe(200);
  });

  test('may have its grant with the next signature, and not after it is gone', async () => {
    const session = await account.session('Late');
    expect(await signIn(session)).toMatchObject({ status: 401, body: { code: 'sign_in_refused' } });
    const grantId = await grantToArn(keyhold, acme, account.role('Late'));
    const at = new Date(Date.now() - 1_000);
    expect((await signIn(session, { at })).status).toBe(200);
    await keyhold.database.asAdmin('DELETE FROM box_grants WHERE grant_id = $1', [grantId]);
    expect((await signIn(session, { at: new Date(Date.now() - 2_000) })).status).toBe(401);
  });
});

describe('a client of Cerberus', () => {
  const post = (path: string, headers: Record<string, string | string[]>, body = '') =>
    httpRequest(`${keyhold.url}${path}`, { headers, body });
  const headersOf = async (order: SigningOrder = {}) => {
    const { authorization, amzDate, securityToken = '' } = signIdentity(await account.session('App', 'i-0abc'), order);
    return { authorization, 'x-amz-date': amzDate, 'x-amz-security-token': securityToken };
  };
  let legacy: Workspace;

  beforeAll(async () => {
    legacy = await keyhold.aWorkspace('Legacy');
    await legacy.call('PATCH', '', { awsAudience: 'optional' });
    await grantToArn(keyhold, legacy, account.role('App'));
  });

  const arn = () => `arn:aws:sts::${account.accountId}:assumed-role/App/i-0abc`;

  test('is answered as Cerberus answers', async () => {
    const { status, headers, body } = await post(`/cerberus/${legacy.id}/v2/auth/sts-identity`, await headersOf());
    expect({ status, type: headers['content-type'], refresh: headers['x-refresh-token'] }).toEqual({
      status: 200,
      type: 'application/json; charset=utf-8',
      refresh: 'false',
    });
    expect(body).toEqual({
      client_token: expect.stringMatching(/^khs_/),
      policies: [],
      metadata: {
        username: arn(),
        is_iam_principal: 'true',
        is_admin: 'false',
        groups: 'registered-iam-principals',
        aws_iam_principal_arn: arn(),
        iam_principal_arn: arn(),
      },
      lease_duration: 3600,
      renewable: false,
    });
    const call = aClient(`${keyhold.url}/v1/workspaces/${legacy.id}`, body.client_token as string);
    expect((await call('GET', '/items')).status).toBe(200);
  });

  test.each<[string, Record<string, string>, string]>([
    ['Node', { accept: 'application/json', date: 'Sun, 01 Mar 2026 12:00:00 GMT', 'x-cerberus-client': 'CerberusNodeClient/4.0.0' }, ''],
    ['Python', { 'content-type': 'application/json', 'content-length': '0' }, ''],
    ['Go', {}, 'Action=GetCallerIdentity&Version=2011-06-15'],
    ['Java', { 'content-type': 'application/json; charset=utf-8', host: 'sts.us-west-2.amazonaws.com' }, ''],
    ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 'Action=GetCallerIdentity&Version=2011-06-15'],
    ['what is no JSON', { 'content-type': 'application/json' }, '{'],
  ])('may send its body as %s', async (_client, more, body) => {
    const answer = await post(
      `/cerberus/${legacy.id}/v2/auth/sts-identity`,
      { ...(await headersOf({ region: 'us-west-2' })), ...more },
      body,
    );
    expect(answer.status).toBe(200);
  });

  test.each(['/v2/auth/sts-identity/', '//v2/auth/sts-identity', '///v2//auth/sts-identity', '/v2/auth/sts-identity'])(
    'may write the address with the slashes of its base: %s',
    async (path) => {
      expect((await post(`/cerberus/${legacy.id}${path}`, await headersOf())).status).toBe(200);
      expect((await post(path, { ...(await headersOf()), host: `${legacy.id}.vault.test:8443` })).status).toBe(200);
    },
  );

  test('is told in which workspace by its path before its host, and by nothing else', async () => {
    const elsewhere = { ...(await headersOf()), host: `${acme.id}.vault.test`, 'x-forwarded-host': `${acme.id}.vault.test` };
    expect((await post(`/cerberus/${legacy.id}/v2/auth/sts-identity`, elsewhere)).status).toBe(200);
    for (const host of ['127.0.0.1', `${legacy.id}.vault.test.evil`, `x.${legacy.id}.vault.test`, `${legacy.id}.vault`]) {
      const lost = await post('/v2/auth/sts-identity', { ...(await headersOf()), host, 'x-forwarded-host': `${legacy.id}.vault.test` });
      expect(lost).toMatchObject({ status: 400, body: { errors: [{ code: 99999 }] } });
    }
  });

  test.each<[string, number, number, string, (headers: Record<string, string>) => Record<string, string | string[]>]>([
    ['no signature', 400, 99236, '', (all) => without(all, 'authorization')],
    ['no date', 400, 99236, '', (all) => without(all, 'x-amz-date')],
    [
      'a Region that there is not',
      400,
      99999,
      '',
      (all) => ({ ...all, authorization: all['authorization']?.replace('us-east-2', 'us-east-9') ?? '' }),
    ],
    ['what is no signature', 401, 99106, 'Invalid credentials', (all) => ({ ...all, authorization: 'Basic eDp5' })],
    [
      'a signature that does not match',
      400,
      99237,
      '',
      (all) => ({ ...all, authorization: all['authorization']?.replace(/Signature=.*/, `Signature=${'0'.repeat(64)}`) ?? '' }),
    ],
    ['an unknown token', 401, 99106, 'Invalid credentials', (all) => ({ ...all, 'x-amz-security-token': 'unknown' })],
  ])('is told by Cerberus’s code of %s', async (_what, status, code, message, change) => {
    const answer = await post(`/cerberus/${legacy.id}/v2/auth/sts-identity`, change(await headersOf()));
    expect({ status: answer.status, type: answer.headers['content-type'], body: answer.body }).toEqual({
      status,
      type: 'application/json; charset=utf-8',
      body: { error_id: answer.headers['error_uid'], errors: [{ code, message: expect.stringContaining(message) }] },
    });
    expect(answer.headers['x-refresh-token']).toBe('false');
    expect(answer.headers['x-request-id']).toBe(answer.headers['error_uid']);
  });

  test('is told when its session token has expired, in the words that it looks for', async () => {
    await keyhold.sandbox.control.fault({
      operation: 'GetCallerIdentity',
      times: 1,
      fault: { kind: 'error', status: 403, code: 'ExpiredToken' },
    });
    expect((await post(`/cerberus/${legacy.id}/v2/auth/sts-identity`, await headersOf())).body.errors).toEqual([
      { code: 99238, message: 'The security token included in the request is expired.' },
    ]);
  });

  test('is told who it is when no box knows it', async () => {
    const signer = await account.session('Stranger', 'i-1');
    const { authorization, amzDate, securityToken = '' } = signIdentity(signer);
    const headers = { authorization, 'x-amz-date': amzDate, 'x-amz-security-token': securityToken };
    const answer = await post(`/cerberus/${legacy.id}/v2/auth/sts-identity`, headers);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ code: 99216 }] } });
    expect(answer.body.errors[0].message).toContain(`arn:aws:sts::${account.accountId}:assumed-role/Stranger/i-1`);
  });

  test('is told to come again when AWS does not answer, or we cannot', async () => {
    const headers = await headersOf();
    const lift = await keyhold.sandbox.control.fault({
      operation: 'GetCallerIdentity',
      fault: { kind: 'error', status: 500, code: 'InternalFailure' },
    });
    const path = `/cerberus/${legacy.id}/v2/auth/sts-identity`;
    expect(await post(path, headers)).toMatchObject({ status: 503, body: { errors: [{ code: 99997 }] } });
    await lift();
    await keyhold.database.asAdmin('ALTER TABLE sessions RENAME TO sessions_gone');
    expect(await post(path, headers)).toMatchObject({ status: 500, body: { errors: [{ code: 99998 }] } });
    await keyhold.database.asAdmin('ALTER TABLE sessions_gone RENAME TO sessions');
    expect((await post(path, headers)).status).toBe(200);
  });
});

const without = (headers: Record<string, string>, name: string) =>
  Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));

interface EventRow {
  type: string;
  principal_kind: string;
  principal_id: string;
  source_address: string;
  details: Record<string, unknown>;
  caller: Record<string, unknown> | null;
  calls: unknown;
}

const eventsOf = (requestId: string | null) =>
  keyhold.database.asAdmin<EventRow>(
    'SELECT type, principal_kind, principal_id, source_address, details, caller, calls FROM audit_events WHERE request_id = $1',
    [requestId],
  );

test('the example of the documentation signs in', async () => {
  const { accessKeyId, secretAccessKey, sessionToken = '' } = await account.session('App', 'example');
  const { stdout } = await promisify(execFile)(process.execPath, ['docs/sign-in-with-aws.mjs'], {
    env: {
      KEYHOLD_URL: keyhold.url,
      KEYHOLD_WORKSPACE_ID: acme.id,
      KEYHOLD_AUDIENCE: `keyhold.test;${acme.id}`,
      AWS_REGION: 'us-east-2',
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken,
    },
  });
  expect(JSON.parse(stdout)).toMatchObject({
    token: expect.stringMatching(/^khs_/),
    arn: `arn:aws:sts::${account.accountId}:assumed-role/App/example`,
  });
});
