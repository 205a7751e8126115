import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

/** Another address of the same server, whose connections can be cut off without a word. */
export interface Way {
  url: string;
  /** Cuts one connection; which of them is chosen by a number from 0 (inclusive) to 1. */
  cutOne(choice: number): void;
  /** Cuts all of them, and takes no more. */
  cut(): void;
}

export async function aWayTo(url: string): Promise<Way> {
  const there = new URL(url);
  const pairs = new Set<[near: Socket, far: Socket]>();
  const reset = (pair: Socket[]) => pair.forEach((socket) => socket.resetAndDestroy());
  const proxy = createServer((near) => {
    const far = connect(Number(there.port), there.hostname);
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    for (const socket of pair) socket.setNoDelay().on('error', () => undefined);
    near.on('close', () => pairs.delete(pair));
    near.pipe(far).pipe(near);
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const { port } = proxy.address() as AddressInfo;
  return {
    url: Object.assign(new URL(url), { hostname: '127.0.0.1', port }).href,
    cutOne: (choice) => reset([...pairs][Math.floor(choice * pairs.size)] ?? []),
    cut() {
      pairs.forEach(reset);
      proxy.close();
    },
  };
}
