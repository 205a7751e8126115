import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { logged } from '../harness/logged.js';
import { answersIn, exchange } from '../harness/raw-http.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';

jest.setTimeout(30_000); // processes are started here

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** On every answer, whatever it is. */
const ALWAYS = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};
const API = { ...ALWAYS, 'cache-control': 'no-store', 'content-security-policy': "default-src 'none'; frame-ancestors 'none'" };
/** On every answer to a caller who is known. */
const POLICY = '"requests";q=100000;w=10, "bytes";q=104857600000;qu="content-bytes";w=60, "at-once";q=10000;qu="concurrent-requests"';
const KNOWN = { ...API, 'ratelimit-policy': POLICY };
const RATE_LIMIT = /^"requests";r=\d+, "bytes";r=\d+, "at-once";r=\d+$/;
const DOCS_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

let keyhold: Keyhold;
let acme: Workspace;

beforeAll(async () => {
  keyhold = await startKeyhold();
  acme = await keyhold.aWorkspace('Acme');
});
afterAll(() => keyhold.stop());

describe('headers', () => {
  /** All headers of the answer to one raw request, without those that differ each time. */
  async function headersOf(request: string): Promise<{ status: number; headers: Record<string, string> }> {
    const [answer] = answersIn(await exchange(keyhold.url, request));
    if (!answer) throw new Error('no answer');
    const { date, 'x-request-id': requestId, 'content-length': length, ratelimit, ...headers } = answer.headers;
    expect(requestId).toMatch(UUID_V7);
    expect(Number(length ?? 0)).toBe(answer.body.length);
    if ('ratelimit-policy' in headers) expect(ratelimit).toMatch(RATE_LIMIT);
    else expect(ratelimit).toBeUndefined();
    if (date !== undefined) expect(Date.parse(date)).not.toBeNaN();
    return { status: answer.status, headers };
  }

  const get = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`;
  const JSON_TYPE = 'application/json; charset=utf-8';
  const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
  const owner = () => `Authorization: Bearer ${acme.token}\r\n`;

  test.each<[string, () => string, number, Record<string, string>]>([
    ['an answer of the API', () => get(`/v1/workspaces/${acme.id}/vaults`, owner()), 200, { ...KNOWN, 'content-type': JSON_TYPE }],
    ['health', () => get('/health/live'), 200, { ...API, 'content-type': JSON_TYPE }],
    ['nothing at the address', () => get('/nowhere'), 404, { ...API, 'content-type': PROBLEM_TYPE }],
    [
      'no credential',
      () => get(`/v1/workspaces/${acme.id}/vaults`),
      401,
      { ...API, 'content-type': PROBLEM_TYPE, 'www-authenticate': 'Bearer realm="keyhold"' },
    ],
    ['another workspace', () => get('/v1/workspaces/x/vaults', owner()), 404, { ...KNOWN, 'content-type': PROBLEM_TYPE }],
    ['an address that cannot be decoded', () => get('/%'), 400, { ...API, 'content-type': PROBLEM_TYPE }],
    ['a target that is no path', () => get('*v1'), 404, { ...API, 'content-type': PROBLEM_TYPE }],
    ['what is no request', () => 'nonsense\r\n\r\n', 400, { ...API, 'content-type': PROBLEM_TYPE }],
    ['the document', () => get('/v1/openapi.json'), 200, { ...API, 'content-type': JSON_TYPE }],
    ['the page', () => get('/v1/docs'), 200, { ...API, 'content-type': 'text/html; charset=utf-8', 'content-security-policy': DOCS_CSP }],
    [
      'its script',
      () => get('/v1/docs/page.js'),
      200,
      { ...API, 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'public, max-age=86400' },
    ],
    ['its start', () => get('/v1/docs/start.js'), 200, { ...API, 'content-type': 'text/javascript; charset=utf-8' }],
    [
      'its style',
      () => get('/v1/docs/page.css'),
      200,
      { ...API, 'content-type': 'text/css; charset=utf-8', 'cache-control': 'public, max-age=86400' },
    ],
  ])('of %s are exactly these', async (_what, request, status, headers) => {
    expect(await headersOf(request())).toEqual({ status, headers: { ...headers, connection: 'close' } });
  });

  test('of an answer without content have no type', async () => {
    const { body } = await acme.call('POST', '/items', { kind: 'secret', name: 'n', payload: {} });
    const request = `DELETE /v1/workspaces/${acme.id}/items/${body.id as string} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${owner()}\r\n`;
    expect(await headersOf(request)).toEqual({ status: 204, headers: { ...KNOWN, connection: 'close' } });
  });
});

describe('the request id', () => {
  test('is ours, whatever the caller sends', async () => {
    const theirs = '0199c2f0-8a51-7cc0-b0a5-6f1f6c1f9a10';
    const { headers, body } = await acme.call('GET', '/vaults/x', undefined, { 'x-request-id': theirs, 'request-id': theirs });
    expect(headers.get('x-request-id')).toMatch(UUID_V7);
    expect(headers.get('x-request-id')).not.toBe(theirs);
    expect(body.requestId).toBe(headers.get('x-request-id'));
  });

  test('leads to the event in the audit trail, and to the line in the log', async () => {
    const { headers } = await acme.call('POST', '/items', { kind: 'secret', name: 'n', payload: {} });
    const requestId = headers.get('x-request-id') ?? '';
    const { body } = await acme.call('GET', `/audit-events?requestId=${requestId}`);
    expect(body.data).toMatchObject([{ type: 'item.created', requestId }]);
    await logged(keyhold, `"requestId":"${requestId}","method":"POST","route":"/v1/workspaces/:workspaceId/items","status":201`);
  });
});

describe('the document', () => {
  interface Operation {
    operationId: string;
    parameters?: { name: string; in: string }[];
    responses: Record<string, { content?: Record<string, { schema: unknown }> }>;
    security?: object[];
  }
  let document: {
    openapi: string;
    paths: Record<string, Record<string, Operation>>;
    components: { schemas: Record<string, { properties?: object }> };
  };
  let operations: (Operation & { method: string; path: string })[];

  beforeAll(async () => {
    document = (await keyhold.operator('GET', '/v1/openapi.json')).body as typeof document;
    operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ method, path, ...operation })),
    );
  });

  test('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate(structuredClone(document));
    expect(result).toEqual({ valid: true });
    expect(document.openapi).toBe('3.1.0');
  });

  test('is the one that the build made', () => {
    expect(document).toEqual(JSON.parse(readFileSync('dist/openapi.json', 'utf8')));
  });

  test('names every operation once, and its problems, those of Cerberus’s API in its own shape', () => {
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { operationId, responses } of operations) {
      const [type, name] = operationId.startsWith('cerberus')
        ? ['application/json', 'CerberusErrors']
        : ['application/problem+json', 'Problem'];
      const problem = responses['default']?.content?.[type]?.schema;
      expect({ operationId, problem }).toEqual({ operationId, problem: { $ref: `#/components/schemas/${name}` } });
    }
  });

  test('asks for a token everywhere but for health and where one signs in', () => {
    const open = operations.filter(({ security = [] }) => security.length === 0).map(({ path }) => path);
    const signIn = ['/v1/auth/aws', '/cerberus/{place}/v2/auth/sts-identity', '/v2/auth/sts-identity'];
    const oidc = ['/v1/sign-in/providers', '/v1/sign-in/oidc/start', '/v1/sign-in/oidc/callback/{providerId}'];
    const people = ['/v1/sign-in/password', '/v1/invitations/open', '/v1/invitations/accept'];
    expect(open.sort()).toEqual(['/health/live', '/health/ready', ...signIn, ...people, ...oidc].sort());
  });

  test('takes an idempotency key on every write that keeps something', () => {
    const without = operations
      .filter(({ method, parameters = [] }) => method !== 'get' && !parameters.some(({ name }) => name === 'Idempotency-Key'))
      .map(({ operationId }) => operationId);
    const signIn = ['signInWithAws', 'cerberusStsIdentity', 'cerberusStsIdentityByHost'];
    // Proofs of who somebody is: each counts once by itself, and none is kept to be answered again.
    const people = ['signInWithPassword', 'openInvitation', 'acceptInvitation', 'confirmIdentity', 'changePassword', 'signOut'];
    const authenticator = ['openAuthenticator', 'changeAuthenticator'];
    expect(without.sort()).toEqual(['unsealItem', 'seal', 'unseal', ...signIn, ...people, ...authenticator].sort());
  });

  test('has no schema without its fields', () => {
    const empty = Object.entries(document.components.schemas).filter(([, { properties = {} }]) => Object.keys(properties).length === 0);
    expect(empty).toEqual([]);
  });
});

describe('the page', () => {
  test('asks no other server for anything, and runs nothing inline', async () => {
    const { text } = await keyhold.operator('GET', '/v1/docs');
    const addresses = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address]) => address);
    expect(addresses).toEqual(['/v1/docs/page.css', 'data:,', '/v1/docs/page.js', '/v1/docs/start.js']);
    expect(text).not.toMatch(/<script>|style=|onload=/);
    const { text: start } = await keyhold.operator('GET', '/v1/docs/start.js');
    expect(start).toContain("url: '/v1/openapi.json'");
    expect(start).not.toMatch(/https?:/);
  });
});
