import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { OutboundAddresses } from './outbound-addresses.js';

/** What the DNS of these tests says; of all other names it says nothing at all. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'public.acme.example': ['8.8.8.8', '2606:4700::1111'],
  'six.acme.example': ['2606:4700::1111'],
  'loopback.acme.example': ['127.0.0.1'],
  'loopback6.acme.example': ['::1'],
  'mapped.acme.example': ['::ffff:127.0.0.1'],
  'metadata.acme.example': ['169.254.169.254'],
  'private.acme.example': ['10.1.2.3'],
  'zero.acme.example': ['0.0.0.0'],
  'mixed.acme.example': ['8.8.8.8', '127.0.0.1'],
  'mixed6.acme.example': ['8.8.8.8', 'fd00::1'],
  'nothing.acme.example': [],
};

describe('where somebody else may be', () => {
  let dns: Socket;
  let addresses: OutboundAddresses;

  beforeAll(async () => {
    dns = await aNameServer();
    addresses = new OutboundAddresses(new Set(['https://localhost:3000', 'https://10.1.2.3']), [`127.0.0.1:${dns.address().port}`]);
  });
  afterAll(() => void dns.close());

  const of = async (url: string, signal = new AbortController().signal) =>
    (await addresses.of(new URL(url), signal)).map(({ address, family }) => `${address} ${family}`);

  test('is every public address of its name', async () => {
    expect(await of('https://public.acme.example/x')).toEqual(['8.8.8.8 4', '2606:4700::1111 6']);
    expect(await of('https://six.acme.example')).toEqual(['2606:4700::1111 6']);
    expect(await of('https://8.8.8.8')).toEqual(['8.8.8.8 4']);
    expect(await of('https://[2606:4700::1111]')).toEqual(['2606:4700::1111 6']);
  });

  test.each([
    'https://loopback.acme.example',
    'https://loopback6.acme.example',
    'https://mapped.acme.example',
    'https://metadata.acme.example',
    'https://private.acme.example',
    'https://zero.acme.example',
    'https://mixed.acme.example',
    'https://mixed6.acme.example',
    'https://LOOPBACK.acme.example.',
    'https://127.0.0.1',
    'https://[::1]',
    'https://localhost',
    'https://localhost:3001',
    'https://anything.internal',
    'https://10.1.2.3:444',
  ])('is not %s', async (url) => {
    await expect(of(url)).rejects.toMatchObject({ code: 'address_not_allowed' });
  });

  test.each(['http://public.acme.example', 'http://localhost:3000', 'ftp://public.acme.example', 'https://a:b@public.acme.example'])(
    'is not %s, wherever that is',
    async (url) => {
      await expect(of(url)).rejects.toMatchObject({ code: 'url_not_allowed' });
    },
  );

  test('is nowhere without an address', async () => {
    await expect(of('https://nothing.acme.example')).rejects.toMatchObject({ code: 'name_not_found' });
  });

  test('is where the operator allows it to be, and looked up as this machine does', async () => {
    expect((await of('https://localhost:3000/x')).every((address) => /^(?:127\.0\.0\.1 4|::1 6)$/.test(address))).toBe(true);
    expect(await of('https://10.1.2.3/x')).toEqual(['10.1.2.3 4']);
  });

  test('is not waited for once nobody wants to know', async () => {
    const asking = new AbortController();
    const asked = once(dns, 'message');
    const answer = of('https://silent.acme.example', asking.signal);
    await asked;
    asking.abort();
    await expect(answer).rejects.toMatchObject({ code: 'name_not_found' });
  });
});

/** Answers from `NAMES`, over UDP on this machine. */
async function aNameServer(): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    const answer = answerTo(query);
    if (answer) socket.send(answer, port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

const TYPES: Readonly<Record<number, (address: string) => boolean>> = { 1: isIPv4, 28: (address) => !isIPv4(address) };

function answerTo(query: Buffer): Buffer | undefined {
  const { name, end } = questionIn(query);
  const known = NAMES[name.toLowerCase()];
  if (!known) return undefined;
  const type = query.readUInt16BE(end);
  const records = known.filter((address) => TYPES[type]?.(address)).map((address) => record(type, bytesOf(address)));
  const head = Buffer.from(query.subarray(0, 12));
  head.writeUInt16BE(0x8180, 2); // an answer, from who may look further, and no fault
  head.writeUInt16BE(records.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, query.subarray(12, end + 4), ...records]);
}

function questionIn(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.'), end: at + 1 };
}

/** For the name of the question, good for no time at all. */
function record(type: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function bytesOf(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const { hostname } = new URL(`https://[${address}]`); // with hexadecimal groups alone
  const [head = [], tail = []] = hostname
    .slice(1, -1)
    .split('::')
    .map((part) => part.split(':').filter(Boolean));
  const groups = [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => '0'), ...tail];
  return Buffer.from(groups.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
