import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { eventually } from '../harness/eventually.js';
import { anItem } from '../harness/item.js';
import { Needles } from '../harness/needles.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { anAwsKmsVault } from '../harness/vault.js';

jest.setTimeout(60_000);

interface Span {
  name: string;
  kind: number;
  traceId: string;
  spanId: string;
  parentId?: string;
  attributes: Record<string, unknown>;
  status: { code: number; message?: string };
  events: unknown[];
}

const SERVER = 1;
const FAILED = 2;

describe('with an OpenTelemetry SDK in the process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'keyhold-spans-'));
  const file = join(folder, 'spans');
  let keyhold: Keyhold;
  let acme: Workspace;
  let itemId: string;
  const secret = randomBytes(36);

  beforeAll(async () => {
    keyhold = await startKeyhold({
      env: { NODE_OPTIONS: `--import=${resolve('test/harness/keep-spans.mjs')}`, SPANS_FILE: file },
    });
    acme = await keyhold.aWorkspace('Acme');
    const { vaultId } = await anAwsKmsVault(keyhold, acme, { dataKeyCacheSeconds: 0 });
    itemId = await anItem(acme, { password: secret.toString('base64url') }, { vaultId });
  });
  afterAll(async () => {
    await keyhold.stop();
    rmSync(folder, { recursive: true });
  });

  const spans = (): Span[] =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Span);
  /** Of one trace, once the request that began it has ended. */
  const ended = (traceId: string): Promise<Span[]> =>
    eventually(
      () => Promise.resolve(spans().filter((span) => span.traceId === traceId)),
      (found) => found.some(({ kind }) => kind === SERVER),
    );
  const aTrace = () => ({ traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex') });

  /** Names of a span and of what it is below, innermost first. */
  function way(among: Span[], span: Span): string[] {
    const above = among.find(({ spanId }) => spanId === span.parentId);
    return [span.name, ...(above ? way(among, above) : [])];
  }

  test('an unseal is one trace: the call to KMS is below the unwrapping, and that below the request, and that below its caller', async () => {
    const { traceId, spanId } = aTrace();
    const answer = await acme.call('POST', `/items/${itemId}/unseal`, {}, { traceparent: `00-${traceId}-${spanId}-01` });
    expect(answer.status).toBe(200);
    const found = await ended(traceId);
    const route = 'POST /v1/workspaces/:workspaceId/items/:itemId/unseal';
    const decrypt = found.find(({ name }) => name === 'kms.Decrypt') as Span;
    expect(way(found, decrypt)).toEqual(['kms.Decrypt', 'unwrap data key', route]);
    expect(decrypt.attributes).toMatchObject({
      'rpc.service': 'kms',
      'rpc.method': 'Decrypt',
      'cloud.region': 'us-east-2',
      'keyhold.outcome': 'ok',
      'aws.request_id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    const request = found.find(({ kind }) => kind === SERVER) as Span;
    expect(request).toMatchObject({ name: route, parentId: spanId });
    expect(request.attributes).toEqual({
      'http.request.method': 'POST',
      'http.route': route.replace('POST ', ''),
      'http.response.status_code': 200,
      'keyhold.request_id': answer.headers.get('x-request-id'),
      'keyhold.workspace_id': acme.id,
    });
  });

  test('a request without a body, or without a caller that traces, is a trace too', async () => {
    const before = new Set(spans().map(({ spanId }) => spanId));
    const { headers } = await acme.call('GET', `/items/${itemId}/export`, undefined, { traceparent: 'nonsense' });
    const requestId = headers.get('x-request-id');
    const [request] = await eventually(
      () => Promise.resolve(spans().filter((span) => span.attributes['keyhold.request_id'] === requestId)),
      (found) => found.length > 0,
    );
    const own = spans().filter(({ traceId, spanId }) => traceId === request?.traceId && !before.has(spanId));
    expect(request?.parentId).toBeUndefined();
    expect(own.map(({ name }) => name)).toContain('kms.Decrypt');
  });

  test('a refusal marks every step that failed by it, and quotes nobody', async () => {
    const lift = await keyhold.sandbox.control.fault({
      service: 'kms',
      operation: 'Decrypt',
      fault: { kind: 'error', status: 400, code: 'AccessDeniedException', message: 'not you' },
    });
    const { traceId, spanId } = aTrace();
    const answer = await acme.call('POST', `/items/${itemId}/unseal`, {}, { traceparent: `00-${traceId}-${spanId}-01` });
    await lift();
    expect(answer.status).toBeGreaterThanOrEqual(400);
    const found = await ended(traceId);
    const decrypt = found.find(({ name }) => name === 'kms.Decrypt') as Span;
    expect(decrypt.attributes).toMatchObject({ 'keyhold.outcome': 'refused', 'error.type': 'AccessDeniedException' });
    for (const name of ['kms.Decrypt', 'unwrap data key']) {
      expect(found.find((span) => span.name === name)).toMatchObject({ status: { code: FAILED }, events: [] });
      expect(found.find((span) => span.name === name)?.status.message).toBeUndefined();
    }
  });

  test('no span holds a secret, a name, or a path as it was written', async () => {
    const needles = new Needles();
    needles.add('a payload', Buffer.from(secret.toString('base64url')));
    needles.add('a token', Buffer.from(acme.token.slice(-40)));
    const planted = randomBytes(24).toString('base64url');
    needles.add('a stranger', Buffer.from(planted));
    await acme.call('GET', `/items/${planted}?${planted}=${planted}`, undefined, {
      baggage: `a=${planted}`,
      tracestate: `a=${planted}`,
      'user-agent': planted,
    });
    await acme.call('GET', `/${randomUUID()}/${planted}`);
    await acme.call('POST', `/items/${itemId}/unseal`, { [planted]: planted });
    const text = readFileSync(file, 'utf8');
    expect(needles.in(text)).toEqual([]);
    expect(text).not.toContain('Acme');
  });
});
