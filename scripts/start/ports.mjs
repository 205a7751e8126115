import { once } from 'node:events';
import { createServer } from 'node:net';
import { freePort } from '../pg.mjs';
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

/**
 * The number of each port: the one that was asked for, or else the usual one, or any other where somebody has that.
 * @template {string} Name
 * @param {Record<Name, import('./settings.mjs').MetricsPort>} ports
 * @param {number[]} spoken for by others that are not there yet
 */
export async function portsThatMakeWay(ports, spoken) {
  const numbers = /** @type {Record<Name, number>} */ ({});
  for (const [name, { number, isAskedFor }] of Object.entries(ports)) {
    const isFree = isAskedFor || (!spoken.includes(number) && !(await listenError(number)));
    numbers[name] = isFree ? number : await freePort();
  }
  return numbers;
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
