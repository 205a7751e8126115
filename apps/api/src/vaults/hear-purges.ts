import type { OnApplicationBootstrap } from '@nestjs/common';
import { Notices } from '#database';
import { BEAT_MS } from '#nodes';
import { type ObeyPurges, PURGE_CHANNEL } from '#vaults';

/**
 * Drops what purges ask this process to drop: as soon as one is committed, and every other second in case nobody could tell. No
 * purge depends on it, since every seal and unseal reads the vault's row.
 */
export class HearPurges implements OnApplicationBootstrap {
  readonly #notices: Notices;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(
    databaseUrl: string,
    private readonly obeyPurges: ObeyPurges,
  ) {
    this.#notices = new Notices({ url: databaseUrl, channel: PURGE_CHANNEL, onNotice: () => this.#look() });
  }

  onApplicationBootstrap(): void {
    this.#notices.open();
    this.#timer = setInterval(() => this.#look(), BEAT_MS).unref();
  }

  /** Answers for what was ordered by now: nobody waits for a process that is gone. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#notices.close();
    this.#look();
    await this.#looking;
  }

  #look(): void {
    this.#looking = this.obeyPurges.run().catch(() => undefined); // the orders stand: the next look finds them
  }
}
