import { randomUUID } from 'node:crypto';
import { theSystem } from '#access';
import { type ClaimedProbe, type ProbeTable, claimDueProbes } from './due-probes.js';
import type { ProbeVault } from './probe-vault.js';

export interface ProberOptions {
  /** Probes of this process at the same time, and of one workspace among them. */
  atOnce: number;
  perWorkspace: number;
  /** Told of a probe that could not be made or recorded; it comes again when its claim is over. */
  onFailure: (error: unknown, probe: ClaimedProbe) => void;
}

/** Makes the probes that are due, as many at a time as it may. Any number of processes share the work. */
export class Prober {
  readonly #underWay = new Map<ClaimedProbe, Promise<void>>();

  constructor(
    private readonly table: ProbeTable,
    private readonly probeVault: Pick<ProbeVault, 'run'>,
    private readonly options: ProberOptions,
  ) {}

  /** Begins what is due and there is room for, and waits for none of it. Answers how many were begun. */
  async begin(): Promise<number> {
    const { atOnce, perWorkspace } = this.options;
    const count = atOnce - this.#underWay.size;
    if (count <= 0) return 0;
    const claimed = await claimDueProbes(this.table, { count, perWorkspace, busy: this.#busy() });
    for (const probe of claimed) this.#start(probe);
    return claimed.length;
  }

  /** When everything that is under way has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay.values());
  }

  #busy(): string[] {
    const counts = new Map<string, number>();
    for (const { workspaceId } of this.#underWay.keys()) counts.set(workspaceId, (counts.get(workspaceId) ?? 0) + 1);
    return [...counts].filter(([, count]) => count >= this.options.perWorkspace).map(([workspaceId]) => workspaceId);
  }

  #start(probe: ClaimedProbe): void {
    const { workspaceId, fence, ...key } = probe;
    const ctx = theSystem(workspaceId, randomUUID(), 'key health');
    const made = this.probeVault
      .run(ctx, key, fence)
      .then(() => undefined)
      .catch((error: unknown) => this.options.onFailure(error, probe))
      .finally(() => this.#underWay.delete(probe));
    this.#underWay.set(probe, made);
  }
}
