import { isTimeOut } from './ask-regions.js';
import type { Clock } from './clock.js';
import type { AwsRegion, RegionPair } from './regions.js';

const SILENCE_MEMORY_MS = 30_000;

/**
 * In which order STS is asked in the two Regions: one that kept silent a moment ago comes last, so that an outage costs its time
 * once and not at every sign-in. All Regions' STS give the same answer, so that nothing but time depends on the order; with KMS,
 * where each Region is a decision of its owner's, the main Region always comes first.
 */
export class StsRegions {
  readonly #silentUntil = new Map<AwsRegion, number>();

  constructor(
    private readonly regions: RegionPair,
    private readonly clock: Clock,
  ) {}

  inOrder(): AwsRegion[] {
    const { main, replica } = this.regions;
    return this.#isSilent(main) && !this.#isSilent(replica) ? [replica, main] : [main, replica];
  }

  /** Waits for a request to STS in `region`, and notes whether it was answered at all. */
  async observed<T>(region: AwsRegion, request: Promise<T>): Promise<T> {
    try {
      const answer = await request;
      this.#silentUntil.delete(region);
      return answer;
    } catch (error) {
      if (isTimeOut(error)) this.#silentUntil.set(region, this.clock.now() + SILENCE_MEMORY_MS);
      throw error;
    }
  }

  #isSilent(region: AwsRegion): boolean {
    return this.clock.now() < (this.#silentUntil.get(region) ?? 0);
  }
}
