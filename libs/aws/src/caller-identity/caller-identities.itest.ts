import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type RunningSandbox, type SandboxAnswer, startSandbox } from '../../../../test/harness/sandbox.js';
import { selfSigned } from '../../../../test/harness/self-signed.js';
import { signIdentity, type Signer, type SigningOrder } from '../../../../test/harness/signed-identity.js';
import { CallerIdentities, type CallerIdentityLimits } from './caller-identities.js';
import { PROOF_RULES, SignedProof } from './signed-proof.js';

const run = promisify(execFile);
const OURS = 'keyhold.example;0197a000-0000-7000-8000-00000000000a';

let sandbox: RunningSandbox;
let accountId: string;
let root: Signer;

beforeAll(async () => {
  sandbox = await startSandbox();
  ({ accountId, ...root } = await sandbox.control.createAccount());
});
beforeEach(() => sandbox.control.clearFaults());
afterAll(() => sandbox.stop());

const proofOf = (order: SigningOrder = {}): SignedProof =>
  SignedProof.read(signIdentity(root, { ...order, headers: { 'x-keyhold-audience': OURS, ...order.headers } }), {
    rules: PROOF_RULES.keyhold,
    audience: OURS,
    audienceIs: 'required',
    now: Date.now(),
  });

/** The caller, or the code of the refusal, and what reached the sandbox meanwhile. */
async function proving(proof: SignedProof, limits: Partial<CallerIdentityLimits> = {}, endpoint = sandbox.url) {
  const identities = new CallerIdentities({ endpoint, limits: { pauseMs: 0, ...limits } });
  const { result, calls } = await sandbox.control.callsDuring(() =>
    identities.prove(proof).catch((error: unknown) => (error as { code: string }).code),
  );
  return { result, calls };
}

/** What STS says of the account's root user. */
function answerBody(): string {
  const result = { Account: accountId, Arn: `arn:aws:iam::${accountId}:root`, UserId: accountId };
  return JSON.stringify({ GetCallerIdentityResponse: { GetCallerIdentityResult: result, ResponseMetadata: { RequestId: 'r' } } });
}

const ordered = (answer: SandboxAnswer, times?: number) =>
  sandbox.control.fault({ operation: 'GetCallerIdentity', fault: { kind: 'answer', ...answer }, ...(times !== undefined && { times }) });

describe('the caller', () => {
  test('is told by the STS of its Region, asked in our words', async () => {
    const { result, calls } = await proving(proofOf({ region: 'eu-west-1' }));
    const stsRequestId = calls[0]?.requestId;
    expect(result).toEqual({
      arn: `arn:aws:iam::${accountId}:root`,
      account: accountId,
      userId: accountId,
      stsRequestId,
      partition: 'aws',
      region: 'eu-west-1',
      accessKeyId: root.accessKeyId,
      audienceIsSigned: true,
    });
    expect(calls).toMatchObject([
      {
        method: 'POST',
        path: '/',
        host: 'sts.eu-west-1.amazonaws.com',
        bodySha256: 'ab821ae955788b0e33ebd34c208442ccfc2d406e2edc5e7a39bd6458fbb4f843',
        outcome: 'ok',
      },
    ]);
    expect(calls[0]?.headerNames).toEqual([
      'accept',
      'accept-encoding',
      'authorization',
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
      'x-amz-date',
      'x-keyhold-audience',
    ]);
  });

  test('is nobody when the signature was made for somebody else', async () => {
    expect((await proving(proofOf({ headers: { 'x-keyhold-audience': 'elsewhere' } }))).result).toBe('signature_mismatch');
  });

  test.each<[string, SigningOrder]>([
    ['another action', { body: 'Action=AssumeRole&Version=2011-06-15' }],
    ['another method', { method: 'GET' }],
    ['another path', { path: '/foo' }],
    ['a query', { query: 'a=b' }],
    ['another host', { headers: { host: 'sts.amazonaws.com' } }],
  ])('is nobody when %s was signed', async (_what, order) => {
    expect((await proving(proofOf(order))).result).toBe('signature_mismatch');
  });
});

describe('STS', () => {
  test.each([500, 503, 429])('is asked once more after %d, and no third time', async (status) => {
    await ordered({ status, body: '{}' });
    expect(await proving(proofOf())).toMatchObject({ result: 'unavailable', calls: [{ httpStatus: status }, { httpStatus: status }] });
  });

  test('that throttles or breaks off once is forgiven', async () => {
    for (const kind of ['throttle', 'reset'] as const) {
      await sandbox.control.fault({ fault: { kind }, times: 1 });
      expect(await proving(proofOf())).toMatchObject({ result: { account: accountId }, calls: [{}, {}] });
    }
  });

  test('that refuses is asked once', async () => {
    await sandbox.control.fault({ fault: { kind: 'error', status: 403, code: 'InvalidClientTokenId' } });
    expect(await proving(proofOf())).toMatchObject({ result: 'refused', calls: [{}] });
  });

  test('that answers nonsense is asked once', async () => {
    await sandbox.control.fault({ fault: { kind: 'garbage' } });
    expect(await proving(proofOf())).toMatchObject({ result: 'unintelligible', calls: [{}] });
  });

  test.each(['hang', 'slow-drip'] as const)('that does not come to an end is given up: %s', async (kind) => {
    await sandbox.control.fault({ fault: { kind } });
    expect(await proving(proofOf(), { totalMs: 300 })).toMatchObject({ result: 'unavailable', calls: [{}] });
  });

  test('is heard no further than 8 KiB, packed or not, whatever it says until then', async () => {
    const body = answerBody();
    await ordered({ status: 200, body, fillBytes: 8 * 1024 - body.length }, 1);
    expect(await proving(proofOf())).toMatchObject({ result: { account: accountId } });
    for (const answer of [{ fillBytes: 8 * 1024 - body.length + 1 }, { fillBytes: 10_000_000 }, { fillBytes: 10_000_000, gzip: true }]) {
      await ordered({ status: 200, body, ...answer }, 1);
      expect(await proving(proofOf())).toMatchObject({ result: 'unintelligible', calls: [{}] });
    }
  });

  test.each([301, 302, 307, 308])('is not followed elsewhere: %d', async (status) => {
    const trap = await aTrap();
    await ordered({ status, location: `${trap.url}/` });
    expect(await proving(proofOf())).toMatchObject({ result: 'unintelligible', calls: [{}] });
    expect(await trap.close()).toEqual([]);
  });

  test('that is not there is told as unavailable', async () => {
    const trap = await aTrap();
    await trap.close();
    expect((await proving(proofOf(), {}, trap.url)).result).toBe('unavailable');
  });
});

test('a crowd waits, and what is too much of it is sent away before AWS is asked', async () => {
  const identities = new CallerIdentities({ endpoint: sandbox.url, limits: { callsMax: 2, queuedMax: 2 } });
  const crowd = () =>
    Array.from({ length: 6 }, () => identities.prove(proofOf()).catch((error: unknown) => (error as { code: string }).code));
  const { result, calls } = await sandbox.control.callsDuring(() => Promise.all(crowd()));
  const served = { account: accountId };
  expect(result).toMatchObject([served, served, served, served, 'busy', 'busy']);
  expect(calls).toHaveLength(4);
});

describe('whatever the environment says', () => {
  const SCRIPT = `
    import { CallerIdentities, PROOF_RULES, SignedProof } from '#aws';
    const { endpoint, signed, audience } = JSON.parse(process.argv[1]);
    const proof = SignedProof.read(signed, { rules: PROOF_RULES.keyhold, audience, audienceIs: 'required', now: Date.now() });
    const told = await new CallerIdentities({ endpoint }).prove(proof).catch(({ code }) => ({ code }));
    console.log(told.code ?? told.account);
  `;
  const inProcess = async (endpoint: string, env: NodeJS.ProcessEnv): Promise<string> => {
    const signed = signIdentity(root, { headers: { 'x-keyhold-audience': OURS } });
    const order = JSON.stringify({ endpoint, signed, audience: OURS });
    const { stdout } = await run(process.execPath, ['--no-warnings', '--input-type=module', '-e', SCRIPT, order], { env });
    return stdout.trim();
  };

  test('no proxy stands between us and STS', async () => {
    const trap = await aTrap();
    const names = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'];
    const env = { NODE_USE_ENV_PROXY: '1', ...Object.fromEntries(names.map((name) => [name, trap.url])) };
    expect(await inProcess(sandbox.url, env)).toBe(accountId);
    expect(await trap.close()).toEqual([]);
  });

  test('STS is believed under a certificate that somebody vouches for, and no other', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'keyhold-tls-'));
    const { key, cert } = selfSigned();
    await writeFile(join(folder, 'ca.pem'), cert);
    const body = answerBody();
    const server = createTlsServer({ key, cert }, (_, response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(body),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await inProcess(url, { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') })).toBe(accountId);
    expect(await inProcess(url, { NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toBe('unavailable');
    server.close();
    await rm(folder, { recursive: true });
  });
});

/** A server to which nobody should come; closing it tells who did. */
async function aTrap(): Promise<{ url: string; close(): Promise<string[]> }> {
  const caught: string[] = [];
  const server: Server = createServer((request, response) => {
    caught.push(`${request.method ?? ''} ${request.url ?? ''}`);
    response.end();
  });
  server.on('connection', (socket) => caught.push(`connection from ${socket.remotePort ?? 0}`));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      await once(server, 'close');
      return caught;
    },
  };
}
