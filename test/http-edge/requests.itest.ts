import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { logged } from '../harness/logged.js';
import { answersIn, exchange } from '../harness/raw-http.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';

jest.setTimeout(30_000); // processes are started here

const SENTINEL = 'xK9-planted-in-a-body';
const KIB = 1024;

describe('what reaches a handler', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let globex: Workspace;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    [acme, globex] = await Promise.all([keyhold.aWorkspace('Acme'), keyhold.aWorkspace('Globex')]);
  });
  afterAll(() => keyhold.stop());

  const path = (below = '') => `/v1/workspaces/${acme.id}${below}`;
  const problem = (status: number, code: string) => ({ status, body: { status, code } });

  /** One raw request as Acme's owner; gives the first answer. */
  async function send(line: string, { headers = [], body = '' }: { headers?: string[]; body?: string | Buffer } = {}) {
    const bytes = Buffer.from(body as string);
    const lines = [line, 'Host: keyhold', 'Connection: close', `Authorization: Bearer ${acme.token}`, ...headers];
    const length = headers.some((header) => /^(content-length|transfer-encoding)/i.test(header)) ? [] : [`Content-Length: ${bytes.length}`];
    const head = Buffer.from([...lines, ...(bytes.length > 0 ? length : []), '', ''].join('\r\n'), 'latin1');
    const [answer] = answersIn(await exchange(keyhold.url, Buffer.concat([head, bytes])));
    if (!answer) throw new Error('no answer');
    return answer;
  }

  describe('by its credential', () => {
    test('every operation of the document that asks for a token refuses whoever brings none', async () => {
      const { body: document } = await keyhold.operator('GET', '/v1/openapi.json');
      const operations = Object.entries(document.paths as Record<string, Record<string, { security?: object[] }>>).flatMap(
        ([route, methods]) => Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), route, ...operation })),
      );
      const closed = operations.filter(({ security = [] }) => security.length > 0);
      expect(closed.length).toBeGreaterThan(15);
      for (const { method, route } of closed) {
        const filled = route.replaceAll(/\{\w+\}/g, acme.id);
        const answer = await fetch(`${keyhold.url}${filled}`, { method });
        expect({ method, route, status: answer.status }).toEqual({ method, route, status: 401 });
        expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="keyhold"');
      }
    });

    test.each([
      ['a token of nobody', () => `Authorization: Bearer khw_${acme.id.replaceAll('-', '')}_${'A'.repeat(43)}`],
      [
        'a token that names another workspace than it is for',
        () => `Authorization: Bearer ${acme.token.replace(/khw_.{32}/, `khw_${globex.id.replaceAll('-', '')}`)}`,
      ],
      ['no token at all', () => 'Authorization: Bearer'],
      ['a password', () => 'Authorization: Basic a2V5aG9sZDpzM2NyZXQ='],
      ['two tokens', () => `X-API-Key: ${acme.token}\r\nAuthorization: Bearer ${acme.token}`],
      ['the same token twice', () => `Authorization: Bearer ${acme.token}\r\nAuthorization: Bearer ${acme.token}`],
      ['the token in the query', () => 'X-Nothing: here'],
    ])('refuses %s', async (_what, header) => {
      const request = `GET ${path('/vaults')}?token=${acme.token} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${header()}\r\n\r\n`;
      const [answer] = answersIn(await exchange(keyhold.url, request));
      expect(answer?.status).toBe(401);
    });

    test('takes the same token as X-API-Key', async () => {
      const answer = await fetch(`${keyhold.url}${path('/vaults')}`, { headers: { 'x-api-key': acme.token } });
      expect(answer.status).toBe(200);
    });

    test('is asked before the body is looked at', async () => {
      const [answer] = answersIn(
        await exchange(
          keyhold.url,
          `POST ${path('/items')} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 99999999\r\n\r\n{{{`,
        ),
      );
      expect(answer?.status).toBe(401);
    });

    test('the operator sees into no workspace, and an owner makes none', async () => {
      expect(await keyhold.operator('GET', path('/vaults'))).toMatchObject(problem(403, 'forbidden'));
      const asOwner = await fetch(`${keyhold.url}/v1/workspaces`, { method: 'POST', headers: { authorization: `Bearer ${acme.token}` } });
      expect(asOwner.status).toBe(403);
    });
  });

  describe('by its workspace', () => {
    test('foreign, absent and malformed workspaces are answered alike, byte for byte', async () => {
      const others = [globex.id, '00000000-0000-4000-8000-000000000000', acme.id.toUpperCase(), 'nonsense', '%00', '..'];
      const texts = new Set<string>();
      for (const id of others) {
        const answer = await fetch(`${keyhold.url}/v1/workspaces/${id}/vaults`, { headers: { authorization: `Bearer ${acme.token}` } });
        if (id !== '..') expect(answer.status).toBe(404);
        if (id === '..') continue; // fetch itself resolves it away
        texts.add((await answer.text()).replace(/"requestId":"[^"]*"/, ''));
      }
      expect([...texts]).toEqual([expect.stringContaining('"code":"workspace_not_found"')]);
    });

    test.each(['vaults', 'items'])('foreign, absent and malformed %s are answered alike', async (kind) => {
      const foreign = kind === 'vaults' ? globex.defaultVaultId : await anItemOf(globex);
      const texts = new Set<string>();
      for (const id of [foreign, '00000000-0000-4000-8000-000000000000', foreign.toUpperCase(), 'nonsense', "'%20OR%20true"]) {
        const { status, text } = await acme.call('GET', `/${kind}/${id}`);
        expect(status).toBe(404);
        texts.add(text.replace(/"requestId":"[^"]*"/, ''));
      }
      expect(texts.size).toBe(1);
    });
  });

  describe('by its path', () => {
    const variants = [
      '/%761/workspaces/W/vaults',
      '//v1/workspaces/W/vaults',
      '/v1//workspaces/W/vaults',
      '/v1/workspaces/W/vaults/',
      '/v1/workspaces/W/vaults//',
      '/v1/workspaces/W/vaults;x=1',
      '/v1/workspaces/W;x/vaults',
      '/v1/workspaces/W/%76aults',
      '/v1/workspaces/W%2Fvaults',
      '/V1/workspaces/W/vaults',
      '/v1/Workspaces/W/vaults',
      '/v1/workspaces/W/vaults%00',
      '/v1/workspaces/W/vaults%20',
      '/v1/workspaces/./W/vaults',
      '/v1/x/../workspaces/W/vaults',
      '/v1/workspaces//vaults',
      '/v1/workspaces/W/vaults?',
      '/v1/workspaces/W/vaults?workspaceId=other',
      '/v1/workspaces/W/vaults#x',
      'http://keyhold/v1/workspaces/W/vaults',
      'http://other.example/v1/workspaces/W/vaults',
      '*v1/workspaces/W/vaults',
      'v1/workspaces/W/vaults',
      '/health/live/../../v1/workspaces/W/vaults',
      '/v1/docs/..%2f..%2fworkspaces/W/vaults',
      '\\v1\\workspaces\\W\\vaults',
    ];

    test.each(variants)('%s never answers whom the plain path would refuse', async (variant) => {
      const target = variant.replace('W', acme.id);
      const [anonymous] = answersIn(await exchange(keyhold.url, `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`));
      expect([400, 401, 404]).toContain(anonymous?.status);
      const [foreign] = answersIn(
        await exchange(
          keyhold.url,
          `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${globex.token}\r\n\r\n`,
        ),
      );
      expect([400, 404]).toContain(foreign?.status);
    });

    test.each(['/%', '/%zz', '/v1/workspaces/%e0%a4%a', '/v1/workspaces/%ff/vaults'])(
      '%s is a bad request, in the shape of every problem',
      async (target) => {
        expect(JSON.parse((await send(`GET ${target} HTTP/1.1`)).body)).toMatchObject({
          status: 400,
          code: 'bad_request',
          requestId: expect.any(String),
        });
      },
    );

    test('a parameter longer than any id is refused', async () => {
      const { status, body } = await send(`GET ${path(`/items/${'a'.repeat(300)}`)} HTTP/1.1`);
      expect({ status, code: (JSON.parse(body) as { code: string }).code }).toEqual({ status: 414, code: 'uri_too_long' });
    });

    test.each(['PROPFIND', 'TRACE', 'LOCK', 'PURGE', 'OPTIONS', 'QUERY'])('the method %s leads nowhere', async (method) => {
      expect([400, 404]).toContain((await send(`${method} ${path('/vaults')} HTTP/1.1`)).status);
    });
  });

  describe('by its content type', () => {
    const valid = JSON.stringify({ kind: 'secret', name: 'n', payload: { a: 1 } });

    test.each(['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON;charset=UTF-8'])('%s is taken', async (type) => {
      expect((await send(`POST ${path('/items')} HTTP/1.1`, { headers: [`Content-Type: ${type}`], body: valid })).status).toBe(201);
    });

    test.each([
      'text/plain',
      'application/json\t; charset=utf-8',
      'application/json;\tcharset=utf-8',
      'application/json ;charset=utf-8',
      'application/json; charset=utf-16',
      'application/json; charset=utf-8; x=y',
      'application/json, application/json',
      'application/json; boundary=a',
      'application/jsonp',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/plain; application/json',
      'application/vnd.api+json',
      'applicatİon/json',
      '',
      ';',
    ])('%j is not, whatever the body', async (type) => {
      for (const body of [valid, '{"unknown":1}', '']) {
        const { status, body: text } = await send(`POST ${path('/items')} HTTP/1.1`, {
          headers: [`Content-Type: ${type}`, ...(body ? [] : ['Content-Length: 0'])],
          body,
        });
        expect({ status, code: (JSON.parse(text) as { code: string }).code }).toEqual({ status: 415, code: 'unsupported_media_type' });
      }
    });

    test('a body without a type is not, nor one with two types, nor a compressed one', async () => {
      const refused = [
        [],
        ['Content-Type: application/json', 'Content-Type: application/json'],
        ['Content-Type: application/json', 'Content-Encoding: gzip'],
      ];
      for (const headers of refused) expect((await send(`POST ${path('/items')} HTTP/1.1`, { headers, body: valid })).status).toBe(415);
    });

    test('no body needs no type', async () => {
      const id = await anItemOf(acme);
      expect((await send(`POST ${path(`/items/${id}/unseal`)} HTTP/1.1`)).status).toBe(200);
      expect((await send(`POST ${path(`/items/${id}/unseal`)} HTTP/1.1`, { headers: ['Content-Length: 0'] })).status).toBe(200);
      const typed = await send(`POST ${path(`/items/${id}/unseal`)} HTTP/1.1`, {
        headers: ['Content-Type: application/json', 'Content-Length: 0'],
      });
      expect(typed.status).toBe(200);
    });
  });

  describe('by its body', () => {
    const post = (body: string | Buffer, below = '/items') =>
      send(`POST ${path(below)} HTTP/1.1`, { headers: ['Content-Type: application/json'], body });

    test.each<[string, string | Buffer]>([
      ['no JSON', `{"name": ${SENTINEL}}`],
      ['unfinished', `{"name": "${SENTINEL}`],
      ['not UTF-8', Buffer.from(`{"name":"${SENTINEL}\xff"}`, 'latin1')],
      ['a lone surrogate', `{"name":"${SENTINEL}\\ud800"}`],
      ['a number beyond a double', `{"name":"${SENTINEL}","n":1e999}`],
      ['ten thousand levels', `${'['.repeat(10_000)}"${SENTINEL}"${']'.repeat(10_000)}`],
      ['a prototype', `{"__proto__":{"${SENTINEL}":true}}`],
      ['a constructor', `{"kind":"secret","name":"n","payload":{"constructor":{"prototype":{"${SENTINEL}":1}}}}`],
    ])('%s is malformed, and quoted nowhere', async (_what, body) => {
      const { status, body: text } = await post(body);
      expect({ status, code: (JSON.parse(text) as { code: string }).code }).toEqual({ status: 400, code: 'malformed_json' });
      expect(text).not.toContain(SENTINEL);
    });

    test.each<[string, unknown, string]>([
      ['an unknown field', { kind: 'secret', name: 'n', payload: {}, externalId: 'x' }, 'externalId'],
      ['an unknown field named like a method', { kind: 'secret', name: 'n', payload: {}, toString: 'x' }, 'toString'],
      ['a list instead of an object', [{ kind: 'secret' }], ''],
      ['a text instead of an object', SENTINEL, ''],
      ['null', null, ''],
      ['a number', 7, ''],
      ['a payload that is a list', { kind: 'secret', name: 'n', payload: [SENTINEL] }, 'payload'],
      ['a payload that is a text', { kind: 'secret', name: 'n', payload: SENTINEL }, 'payload'],
      ['no payload', { kind: 'secret', name: 'n' }, 'payload'],
      ['a name with a NUL', { kind: 'secret', name: 'a\u0000b', payload: {} }, 'name'],
      ['a name that is a number', { kind: 'secret', name: 5, payload: {} }, 'name'],
      ['a name that is too long', { kind: 'secret', name: SENTINEL.repeat(100), payload: {} }, 'name'],
      ['an unknown kind', { kind: SENTINEL, name: 'n', payload: {} }, 'kind'],
      ['a vault that is no id', { kind: 'secret', name: 'n', payload: {}, vaultId: SENTINEL }, 'vaultId'],
    ])('%s is named by its field, and its value nowhere', async (_what, body, field) => {
      const { status, body: text } = await post(JSON.stringify(body));
      const { code, errors } = JSON.parse(text) as { code: string; errors: { field: string; message: string }[] };
      expect({ status, code }).toEqual({ status: 400, code: 'validation_failed' });
      if (field) expect(errors.map((error) => error.field)).toContain(field);
      expect(text).not.toContain(SENTINEL);
    });

    test('nested fields are named with their place', async () => {
      const { body } = await acme.call('POST', '/seal', {
        entries: [
          { context: 'a', payload: {} },
          { context: 'b', payload: {}, extra: 1 },
        ],
      });
      expect(body.errors).toEqual([{ field: 'entries.1.extra', message: 'is not a known field' }]);
    });

    test('unknown query parameters are refused', async () => {
      expect(await acme.call('GET', '/items?limit=5&admin=true')).toMatchObject({ status: 400, body: { errors: [{ field: 'admin' }] } });
      expect(await acme.call('GET', '/items?limit=5&limit=6')).toMatchObject({ status: 400 });
      expect(await acme.call('GET', '/items?__proto__[admin]=1')).toMatchObject({ status: 400 });
    });

    test.each(['{"kind":"secret","name":"first","payload":{},"name":"last"}', '{"kind":"secret","name":"n","payload":{"a":1,"a":2}}'])(
      'a key that stands twice is no JSON that two readers read alike: %s',
      async (text) => {
        const { status, body } = await post(text);
        expect({ status, code: (JSON.parse(body) as { code: string }).code }).toEqual({ status: 400, code: 'malformed_json' });
      },
    );

    test('each class of route has its bound', async () => {
      const vault = { name: 'v', strategy: 'default', pad: 'x'.repeat(64 * KIB) };
      expect(await acme.call('POST', '/vaults', vault)).toMatchObject(problem(413, 'payload_too_large'));
      const item = (bytes: number) => ({ kind: 'secret', name: 'n', payload: { value: 'x'.repeat(bytes) } });
      expect(await acme.call('POST', '/items', item(1024 * KIB - 64))).toMatchObject({ status: 201 });
      expect(await acme.call('POST', '/items', item(1500 * KIB))).toMatchObject(problem(413, 'payload_too_large'));
      const entries = Array.from({ length: 17 }, (_, i) => ({ context: `c${i}`, payload: { value: 'x'.repeat(1000 * KIB) } }));
      expect(await acme.call('POST', '/seal', { entries })).toMatchObject(problem(413, 'payload_too_large'));
    });

    test('the bound holds for chunks that say nothing of their sum', async () => {
      const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
      const { status } = await send(`POST ${path('/vaults')} HTTP/1.1`, {
        headers: ['Content-Type: application/json', 'Transfer-Encoding: chunked'],
        body: `${chunk.repeat(3)}0\r\n\r\n`,
      });
      expect(status).toBe(413);
    });
  });

  describe('by its framing', () => {
    const head = () =>
      `POST ${path('/items')} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${acme.token}\r\nContent-Type: application/json\r\n`;
    const smuggled = () => `GET ${path('/vaults')} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${acme.token}\r\n\r\n`;

    test.each<[string, () => string]>([
      ['a length and chunks', () => `${head()}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled()}`],
      ['two lengths', () => `${head()}Content-Length: 0\r\nContent-Length: 5\r\n\r\n${smuggled()}`],
      ['a list of lengths', () => `${head()}Content-Length: 0, 5\r\n\r\n${smuggled()}`],
      ['a negative length', () => `${head()}Content-Length: -1\r\n\r\n${smuggled()}`],
      ['a length with a sign', () => `${head()}Content-Length: +5\r\n\r\n${smuggled()}`],
      ['a length in hexadecimal', () => `${head()}Content-Length: 0x10\r\n\r\n${smuggled()}`],
      ['an unknown transfer encoding', () => `${head()}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled()}`],
      ['chunks that are not the last encoding', () => `${head()}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled()}`],
      ['a blank before the colon', () => `${head()}Content-Length : 0\r\n\r\n${smuggled()}`],
      ['a folded header', () => `${head()}X-A: b\r\n Content-Length: 5\r\n\r\n${smuggled()}`],
      ['a bare carriage return', () => `${head()}X-A: b\rContent-Length: 5\r\n\r\n${smuggled()}`],
      ['lines that end in a line feed alone', () => `${head()}Content-Length: 0\n\n${smuggled()}`],
      ['a chunk size that is none', () => `${head()}Transfer-Encoding: chunked\r\n\r\nz\r\n\r\n${smuggled()}`],
      ['a chunk size that overflows', () => `${head()}Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n${smuggled()}`],
      ['a NUL in a header', () => `${head()}X-A: a\0b\r\n\r\n${smuggled()}`],
      ['an unknown version', () => `GET / HTTP/9.9\r\nHost: x\r\n\r\n${smuggled()}`],
      ['HTTP/2', () => `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${smuggled()}`],
      ['TLS', () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
      ['noise', () => '\0\0\0\0\r\n\r\n'],
    ])('%s: refused, and what follows is not taken for a request', async (_what, request) => {
      const answers = answersIn(await exchange(keyhold.url, request()));
      expect(answers).toHaveLength(1);
      const [answer] = answers;
      expect(answer?.status).toBe(400);
      expect(answer?.headers).toMatchObject({ 'content-type': 'application/problem+json; charset=utf-8', connection: 'close' });
      expect(JSON.parse(answer?.body ?? '')).toMatchObject({ status: 400, code: 'bad_request', requestId: expect.any(String) });
    });

    test.each([
      ['no host', ''],
      ['two hosts', 'Host: a\r\nHost: b\r\n'],
    ])('%s: refused', async (_what, hosts) => {
      const [answer] = answersIn(await exchange(keyhold.url, `GET /health/live HTTP/1.1\r\n${hosts}Connection: close\r\n\r\n`));
      expect(JSON.parse(answer?.body ?? '')).toMatchObject({ status: 400, code: 'bad_request' });
    });

    test.each(['nothing', '100-continue, more', 'y 100-continue'])(
      'the expectation %j is refused as every problem is',
      async (expectation) => {
        const raw = await exchange(keyhold.url, `${head()}Expect: ${expectation}\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}`);
        const [answer] = answersIn(raw.replace('HTTP/1.1 100 Continue\r\n\r\n', ''));
        expect(answer).toMatchObject({ status: 417, headers: { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } });
        expect(JSON.parse(answer?.body ?? '')).toMatchObject({ code: 'expectation_failed', requestId: answer?.headers['x-request-id'] });
      },
    );

    test('headers beyond 16 KiB are refused', async () => {
      const [answer] = answersIn(await exchange(keyhold.url, `GET / HTTP/1.1\r\nHost: x\r\nX-A: ${'a'.repeat(20_000)}\r\n\r\n`));
      expect(JSON.parse(answer?.body ?? '')).toMatchObject({ status: 431, code: 'headers_too_large' });
    });

    test('requests that follow one another on a connection are answered in order', async () => {
      const one = (id: string) => `GET /v1/workspaces/${id}/vaults HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${acme.token}\r\n`;
      const answers = answersIn(
        await exchange(keyhold.url, `${one(acme.id)}\r\n${one(globex.id)}\r\n${one(acme.id)}Connection: close\r\n\r\n`),
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 404, 200]);
    });
  });

  test('after all this the process is well, and its log holds nothing of what was sent', async () => {
    const ready = await keyhold.operator('GET', '/health/ready');
    expect(ready).toMatchObject({ status: 200 });
    await logged(keyhold, ready.headers.get('x-request-id') ?? '');
    for (const secret of [SENTINEL, acme.token, globex.token, keyhold.operatorToken]) expect(keyhold.log()).not.toContain(secret);
    expect(keyhold.log()).not.toContain('"code":"internal"');
    expect(keyhold.log()).toContain('"route":"/v1/workspaces/:workspaceId/items"');
    expect(keyhold.log()).not.toContain(`/v1/workspaces/${acme.id}`);
  });

  async function anItemOf(workspace: Workspace): Promise<string> {
    const { body } = await workspace.call('POST', '/items', { kind: 'secret', name: 'n', payload: { a: 1 } });
    return body.id as string;
  }
});
