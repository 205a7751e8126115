import { once } from 'node:events';
import { createServer } from 'node:net';
import { CannotStart } from './cannot-start.mjs';

/**
 * Refuses the first port that somebody listens on or that this user may not use.
 * @param {{ variable: string, number: number }[]} ports
 */
export async function refuseTakenPorts(ports) {
  for (const { variable, number } of ports) {
    const code = await listenError(number);
    if (code === 'EADDRINUSE') throw new CannotStart(`Port ${number} on 127.0.0.1 is taken; free it or set ${variable} to another one.`);
    if (code) throw new CannotStart(`Port ${number} on 127.0.0.1 cannot be used (${code}); set ${variable} to another one.`);
  }
}

/** @param {number} port */
async function listenError(port) {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    return error.code;
  }
  server.close();
  await once(server, 'close');
  return undefined;
}
