import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { GetFederationTokenCommand } from '@aws-sdk/client-sts';
import { ListKeysCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type RunningSandbox, startSandbox } from '../harness/sandbox.js';
import { IDENTITY_BODY, type SignedIdentity, type Signer, type SigningOrder, signIdentity } from '../harness/signed-identity.js';
import { type Account, anAccount, aRole, assume, aUser, clientsFor, refusalOf, statement, trust } from './sandbox-account.js';

let sandbox: RunningSandbox;
let account: Account;
let alice: Signer;
let session: Signer;
let bob: Signer;

beforeAll(async () => {
  sandbox = await startSandbox();
  account = await anAccount(sandbox);
  const user = await aUser(sandbox.url, account, 'alice', statement(['sts:AssumeRole', 'sts:GetFederationToken']));
  const roleArn = await aRole(account, 'App', trust(`arn:aws:iam::${account.accountId}:user/alice`), statement('kms:ListKeys'));
  alice = user.credentials;
  session = (await assume(sandbox.url, user, { RoleArn: roleArn, RoleSessionName: 'i-0abc' })).credentials;
  const { Credentials } = await user.sts().send(new GetFederationTokenCommand({ Name: 'bob' }));
  bob = {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
});
beforeEach(() => sandbox.control.clearFaults());
afterAll(() => sandbox.stop());

/** Somebody else sends what a caller has signed: to the sandbox, under the name of the real STS. */
async function forward(signed: SignedIdentity, headers: Record<string, string> = {}, body = IDENTITY_BODY) {
  const asked = request(sandbox.url, {
    method: 'POST',
    setHost: false,
    headers: {
      host: `sts.${signed.region}.amazonaws.com`,
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      authorization: signed.authorization,
      'x-amz-date': signed.amzDate,
      ...(signed.securityToken !== undefined && { 'x-amz-security-token': signed.securityToken }),
      ...headers,
    },
  }).end(body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return { status: response.statusCode, headers: response.headers, bytes: await buffer(response) };
}

const identityOf = async (signer: Signer, order: SigningOrder = {}, headers: Record<string, string> = {}): Promise<unknown> => {
  const told = JSON.parse((await forward(signIdentity(signer, order), headers)).bytes.toString()) as Record<string, any>;
  return told.GetCallerIdentityResponse?.GetCallerIdentityResult ?? told.Error?.Code;
};

describe('a request that somebody else sends on', () => {
  it('is believed under the name of the real host: root, user, session and federated user', async () => {
    const { accountId: Account } = account;
    const tells = (Arn: string, UserId: unknown) => expect.objectContaining({ Account, Arn, UserId });
    expect(await identityOf(account.credentials)).toEqual(tells(`arn:aws:iam::${Account}:root`, Account));
    expect(await identityOf(alice)).toEqual(tells(`arn:aws:iam::${Account}:user/alice`, expect.stringMatching(/^AIDA[A-Z0-9]+$/)));
    expect(await identityOf(session)).toEqual(
      tells(`arn:aws:sts::${Account}:assumed-role/App/i-0abc`, expect.stringMatching(/^AROA[A-Z0-9]+:i-0abc$/)),
    );
    expect(await identityOf(bob)).toEqual(tells(`arn:aws:sts::${Account}:federated-user/bob`, `${Account}:bob`));
  });

  it('is believed in any Region, and not in two', async () => {
    expect(await identityOf(alice, { region: 'eu-west-1' })).toMatchObject({ Account: account.accountId });
    expect(await identityOf(alice, { scope: { region: 'eu-west-1' } })).toMatchObject({ Account: account.accountId });
    expect(await identityOf(alice, {}, { host: 'sts.eu-west-1.amazonaws.com' })).toBe('SignatureDoesNotMatch');
  });

  it('may bring a session token that was not signed, and no other', async () => {
    const unsigned = { headers: { 'x-amz-security-token': undefined } };
    expect(await identityOf(session, unsigned)).toMatchObject({ Account: account.accountId });
    expect(await identityOf(session, unsigned, { 'x-amz-security-token': bob.sessionToken ?? '' })).toBe('InvalidClientTokenId');
  });

  it('is bound to a header of the client’s own when that was signed', async () => {
    const order = { headers: { 'x-audience': 'one' } };
    expect(await identityOf(alice, order, { 'x-audience': 'one' })).toMatchObject({ Account: account.accountId });
    expect(await identityOf(alice, order, { 'x-audience': 'two' })).toBe('SignatureDoesNotMatch');
    expect(await identityOf(alice, order)).toBe('SignatureDoesNotMatch');
  });

  it('stands in the ledger with its host, method, path, header names and the hash of its body', async () => {
    const { calls } = await sandbox.control.callsDuring(() => identityOf(alice));
    expect(calls).toMatchObject([
      {
        method: 'POST',
        path: '/',
        host: 'sts.us-east-2.amazonaws.com',
        headerNames: ['accept', 'authorization', 'connection', 'content-length', 'content-type', 'host', 'x-amz-date'],
        bodySha256: 'ab821ae955788b0e33ebd34c208442ccfc2d406e2edc5e7a39bd6458fbb4f843',
      },
    ]);
  });
});

describe('a federated user', () => {
  const inSandbox = (signer: Signer) => clientsFor(sandbox.url, signer);

  it('may do nothing else', async () => {
    expect(await refusalOf(inSandbox(bob).kms().send(new ListKeysCommand({})))).toMatch(/^AccessDeniedException: .*federated-user\/bob/);
    expect(await refusalOf(inSandbox(session).kms().send(new ListKeysCommand({})))).toBe('no refusal');
  });

  it('is made by users that may, and by no session', async () => {
    const ask = (signer: Signer, Name: string) => refusalOf(inSandbox(signer).sts().send(new GetFederationTokenCommand({ Name })));
    const eve = await aUser(sandbox.url, account, 'eve', statement('kms:ListKeys'));
    expect(await ask(eve.credentials, 'bob')).toContain('not authorized to perform: sts:GetFederationToken on resource');
    expect(await ask(session, 'bob')).toBe('AccessDenied: Cannot call GetFederationToken with session credentials');
    expect(await ask(bob, 'bob')).toBe('AccessDenied: Cannot call GetFederationToken with session credentials');
    expect(await ask(alice, 'b')).toContain("Value 'b' at 'name' failed to satisfy constraint");
    expect(await ask(account.credentials, 'bob')).toBe('no refusal');
  });
});

describe('an answer that was ordered', () => {
  const ordered = async (answer: { status: number; [member: string]: unknown }) => {
    await sandbox.control.fault({ operation: 'GetCallerIdentity', fault: { kind: 'answer', ...answer } });
    return forward(signIdentity(alice));
  };

  it('is sent as it stands', async () => {
    const { status, headers, bytes } = await ordered({
      status: 307,
      location: 'http://127.0.0.1:9/',
      contentType: 'text/xml',
      body: '<a/>',
    });
    expect({ status, location: headers.location, type: headers['content-type'], text: bytes.toString() }).toEqual({
      status: 307,
      location: 'http://127.0.0.1:9/',
      type: 'text/xml',
      text: '<a/>',
    });
  });

  it('may be long', async () => {
    const { bytes } = await ordered({ status: 200, body: '{', fillBytes: 10_000_000 });
    expect(bytes).toHaveLength(10_000_001);
    expect(bytes.subarray(0, 3).toString()).toBe('{  ');
  });

  it('may be short and become long', async () => {
    const { headers, bytes } = await ordered({ status: 200, fillBytes: 10_000_000, gzip: true });
    expect(headers['content-encoding']).toBe('gzip');
    expect(bytes.length).toBeLessThan(20_000);
    expect(gunzipSync(bytes)).toHaveLength(10_000_000);
  });

  it('has what belongs to it and nothing else', async () => {
    const refused = async (fault: object) => {
      const response = await fetch(new URL('/_sandbox/faults', sandbox.url), { method: 'POST', body: JSON.stringify({ fault }) });
      return ((await response.json()) as { error: string }).error;
    };
    expect(await refused({ kind: 'answer' })).toBe("answer needs 'status'.");
    expect(await refused({ kind: 'answer', status: 200, ms: 1 })).toBe("'ms' does not belong to answer.");
    expect(await refused({ kind: 'hang', body: '' })).toBe("'body' does not belong to hang.");
    expect(await refused({ kind: 'error', status: 200, code: 'X' })).toBe('error needs a status of 400 or more.');
  });
});
