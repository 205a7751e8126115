import { fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const MAKE_NOISE = resolve('test/harness/make-noise.mjs');

export interface Noise {
  /** Waits for what is under way; answers each status. */
  stop(): Promise<number[]>;
}

export interface NoiseOrder {
  url: string;
  method: string;
  token: string;
  body?: object | undefined;
  everyMs: number;
}

/** A process of its own that is ready asks the same again and again from now on, whatever is answered. */
export async function aNoise({ token, body, ...order }: NoiseOrder): Promise<Noise> {
  const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
  const child = fork(MAKE_NOISE);
  await once(child, 'message');
  child.send({ ...order, headers, ...(body && { body: JSON.stringify(body) }) });
  return {
    async stop() {
      const answered = once(child, 'message') as Promise<[number[]]>;
      const ended = once(child, 'exit');
      child.send('stop');
      const [statuses] = await answered;
      await ended;
      return statuses;
    },
  };
}
