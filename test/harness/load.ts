import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from './client.js';
import { type FilledVault, sealing, unsealing } from './two-nodes.js';

/** One request of the load; instants of this process's monotonic clock, in milliseconds. */
export interface Try {
  /** Which of the nodes. */
  node: number;
  what: 'unseal' | 'seal';
  startedAt: number;
  endedAt: number;
  status: number;
  code: string | undefined;
}

export interface Load {
  /** In the order in which they were answered. */
  readonly tries: readonly Try[];
  /** Resolves when `holds` does, which is asked after each answer. */
  until(holds: (tries: readonly Try[]) => boolean): Promise<void>;
  stop(): Promise<void>;
}

/** Somebody unseals and somebody seals on each node, again and again, with `pauseMs` between one answer and the next request. */
export function aLoad(nodes: readonly Client[], vault: FilledVault, pauseMs: number): Load {
  const tries: Try[] = [];
  const waiting = new Set<() => void>();
  let isOver = false;
  const loop = async (node: number, client: Client, what: Try['what']) => {
    while (!isOver) {
      const startedAt = performance.now();
      const { status, body } = await (what === 'unseal' ? unsealing(client, vault) : sealing(client, vault.vaultId));
      tries.push({ node, what, startedAt, endedAt: performance.now(), status, code: status < 300 ? undefined : (body.code as string) });
      for (const look of [...waiting]) look();
      await pause(pauseMs);
    }
  };
  const loops = nodes.flatMap((client, node) => [loop(node, client, 'unseal'), loop(node, client, 'seal')]);
  return {
    tries,
    until: (holds) =>
      new Promise((resolve) => {
        const look = () => {
          if (!holds(tries)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    async stop() {
      isOver = true;
      await Promise.all(loops);
    },
  };
}
