import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePort } from '../pg.mjs';
import { portsThatMakeWay } from './ports.mjs';

const wanted = (number: number, isAskedFor: boolean) => ({ variable: 'KEYHOLD_X', number, isAskedFor });

test('a port that nobody asked for makes way for who has it and for who will have it, and one that was asked for does not', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: taken } = server.address() as { port: number };
  const [spoken, free] = [await freePort(), await freePort()];

  const ports = { taken: wanted(taken, false), spoken: wanted(spoken, false), free: wanted(free, false), asked: wanted(taken, true) };
  const numbers = await portsThatMakeWay(ports, [spoken]);

  expect(numbers).toMatchObject({ free, asked: taken });
  expect(numbers.taken).not.toBe(taken);
  expect(numbers.spoken).not.toBe(spoken);
  server.close();
});
