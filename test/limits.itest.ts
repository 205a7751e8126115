import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Answer, type Client, aClient } from './harness/client.js';
import { countOf, flood, statusesIn, times } from './harness/flood.js';
import { type Keyhold, type Node, type Workspace, startKeyhold } from './harness/service.js';

jest.setTimeout(60_000); // processes are started here

let keyhold: Keyhold;

beforeAll(async () => {
  keyhold = await startKeyhold();
});
afterAll(() => keyhold.stop());

const at = (node: Node, { id, token }: Workspace): Client => aClient(`${node.url}/v1/workspaces/${id}`, token);
const twoWorkspaces = (): Promise<[Workspace, Workspace]> => Promise.all([keyhold.aWorkspace('Acme'), keyhold.aWorkspace('Globex')]);

describe('the requests of one workspace, on two nodes', () => {
  const BURST = 60;
  let nodes: [Node, Node];
  beforeAll(async () => {
    const env = { KEYHOLD_REQUESTS_PER_SECOND: '1', KEYHOLD_REQUESTS_BURST: String(BURST), KEYHOLD_REQUESTS_AT_ONCE: '64' };
    nodes = await Promise.all([keyhold.anotherNode(env), keyhold.anotherNode(env)]);
  });

  test('are limited over both together, and a flood of them leaves those of another workspace alone', async () => {
    const [acme, globex] = await twoWorkspaces();
    const started = performance.now();
    const [flooding, others] = await Promise.all([
      flood(times(600, (n) => () => at(nodes[n % 2 === 0 ? 0 : 1], acme)('GET', '/vaults'))),
      flood(
        times(40, (n) => () => at(nodes[n % 2 === 0 ? 0 : 1], globex)('GET', '/vaults')),
        2,
      ),
    ]);
    const seconds = (performance.now() - started) / 1_000;
    expect(statusesIn(others)).toEqual([200]);
    expect(statusesIn(flooding)).toEqual([200, 429]);
    const [least, most] = [BURST, (BURST + nodes.length + seconds) * 1.05];
    expect(countOf(flooding, 200)).toBeGreaterThanOrEqual(least);
    expect(countOf(flooding, 200)).toBeLessThanOrEqual(most);
  });

  test('beyond the limit are answered with a problem that says which limit, and when to come again', async () => {
    const [acme] = await twoWorkspaces();
    const answers = await flood(times(80, () => () => at(nodes[0], acme)('GET', '/vaults')));
    const refused = answers.find(({ status }) => status === 429);
    expect(refused?.body).toMatchObject({ code: 'too_many_requests', limit: 'requests', retryAfterSeconds: 1 });
    expect(refused?.headers.get('retry-after')).toBe('1');
    expect(refused?.headers.get('ratelimit')).toBe('"requests";r=0;t=1');
  });

  test('are told what is left with every answer, also with refusals, and are used up by refusals as well', async () => {
    const [acme, globex] = await twoWorkspaces();
    const call = at(nodes[0], acme);
    const policy = /^"requests";q=60;w=60, "bytes";q=\d+;qu="content-bytes";w=60, "at-once";q=64;qu="concurrent-requests"$/;
    const left = ({ headers }: Answer) => Number(/^"requests";r=(\d+), /.exec(headers.get('ratelimit') ?? '')?.[1]);
    const first = await call('GET', '/vaults');
    expect(first.headers.get('ratelimit-policy')).toMatch(policy);
    expect(left(first)).toBe(BURST - 1);
    const foreign = aClient(`${nodes[0].url}/v1/workspaces/${globex.id}`, acme.token);
    const strays = await flood(times(100, () => () => foreign('GET', '/vaults')));
    expect(statusesIn(strays)).toEqual([404, 429]);
    expect(strays.every(({ headers }) => policy.test(headers.get('ratelimit-policy') ?? ''))).toBe(true);
    expect((await at(nodes[0], globex)('GET', '/vaults')).status).toBe(200);
  });

  test('go on under a cap of each node by itself when the shared count cannot be asked', async () => {
    const [acme] = await twoWorkspaces();
    await keyhold.database.asAdmin(`ALTER TABLE request_buckets RENAME TO request_buckets_gone`);
    try {
      const answers = await Promise.all(nodes.map((node) => flood(times(150, () => () => at(node, acme)('GET', '/vaults')))));
      for (const [index, answered] of answers.entries()) {
        expect(statusesIn(answered)).toEqual([200, 429]);
        expect(countOf(answered, 200)).toBeGreaterThanOrEqual(BURST);
        expect(nodes[index]?.log()).toContain('hold for this node alone');
      }
    } finally {
      await keyhold.database.asAdmin(`ALTER TABLE request_buckets_gone RENAME TO request_buckets`);
    }
  });
});

test('a workspace with as many requests under way as it may have is refused more, and no other is', async () => {
  const [acme, globex] = await twoWorkspaces();
  const node = await keyhold.anotherNode({ KEYHOLD_REQUESTS_AT_ONCE: '3' });
  const call = at(node, acme);
  expect((await call('GET', '/vaults')).status).toBe(200);
  const waiting = await Promise.all(times(3, () => aRequestWithoutItsBody(node, acme)));
  const refused = await call('GET', '/vaults');
  expect(refused.body).toMatchObject({ status: 429, code: 'workspace_busy', limit: 'at-once', retryAfterSeconds: 1 });
  expect(refused.headers.get('ratelimit')).toBe('"at-once";r=0;t=1');
  expect((await at(node, globex)('GET', '/vaults')).status).toBe(200);
  expect(await waiting[0]?.complete()).toContain('HTTP/1.1 400 ');
  expect((await call('GET', '/vaults')).status).toBe(200);
  for (const request of waiting) request.abandon();
});

/** Its headers are answered with `100 Continue`, which is to say that it is under way. */
async function aRequestWithoutItsBody(node: Node, { id, token }: Workspace) {
  const { hostname, port } = new URL(node.url);
  const socket = connect({ host: hostname, port: Number(port) }).setEncoding('latin1');
  socket.on('error', () => undefined); // abandoned ones may be reset
  const headers = [
    'host: x',
    `authorization: Bearer ${token}`,
    'content-type: application/json',
    'content-length: 2',
    'expect: 100-continue',
  ];
  socket.write(`POST /v1/workspaces/${id}/items HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
  const [said] = (await once(socket, 'data')) as [string];
  if (!said.startsWith('HTTP/1.1 100 ')) throw new Error(`not under way: ${said}`);
  return {
    async complete(): Promise<string> {
      socket.write('{}');
      const [answer] = (await once(socket, 'data')) as [string];
      return answer;
    },
    abandon: () => socket.destroy(),
  };
}

test('the bodies of a workspace are limited by their bytes, and those of another are not', async () => {
  const [acme, globex] = await twoWorkspaces();
  const node = await keyhold.anotherNode({ KEYHOLD_MEGABYTES_PER_MINUTE: '16' });
  const large = { context: 'c'.repeat(1024 * 1024) };
  const answers = await flood(
    times(24, () => () => at(node, acme)('POST', '/seal', large)),
    2,
  );
  expect(statusesIn(answers)).toEqual([400, 429]);
  expect(countOf(answers, 400)).toBeGreaterThanOrEqual(15);
  expect(answers.find(({ status }) => status === 429)?.body).toMatchObject({ code: 'too_many_requests', limit: 'bytes' });
  expect((await at(node, acme)('GET', '/vaults')).status).toBe(200);
  expect((await at(node, globex)('POST', '/seal', large)).status).toBe(400);
});
