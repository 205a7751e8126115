import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

const MAKE_NOISE = resolve('test/harness/make-noise.mjs');

export interface Noise {
  /** Waits for what is under way; answers each status. */
  stop(): Promise<number[]>;
}

/** A process of its own asks the same again and again, whatever is answered, from now on. */
export function aNoise({
  token,
  body,
  ...order
}: {
  url: string;
  method: string;
  token: string;
  body?: object | undefined;
  everyMs: number;
}): Noise {
  const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) };
  const child: ChildProcess = fork(MAKE_NOISE);
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
