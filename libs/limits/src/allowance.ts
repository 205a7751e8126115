import type { Clock, Granted, Rate } from './rate.js';

/** How much of a second's units a node may let in before it has drawn them. */
const AHEAD_SECONDS = 0.1;
/** A bucket that had too little is asked again after this time at the earliest. */
const ASK_AGAIN_MS = 20;

/**
 * What one workspace may use on this node. Units are let in first and drawn from the shared bucket afterwards, many at a time and
 * in the background, so that nearly no request costs a statement or waits for one. A node is ahead of the bucket by a tenth of a
 * second's units at most; a request waits for an answer only when that is used up and it is not known yet whether there is more.
 */
export class Allowance {
  readonly #aheadMax: number;
  /** Let in and not drawn yet. */
  #owed = 0;
  #left: number;
  #leftAt: number;
  #drawing: Promise<void> | undefined;
  #emptyUntil = -Infinity;

  constructor(
    private readonly rate: Rate,
    private readonly draw: (asked: number) => Promise<Granted>,
    private readonly clock: Clock,
  ) {
    this.#aheadMax = Math.max(1, Math.ceil(Math.min(rate.burst, rate.perSecond * AHEAD_SECONDS)));
    this.#left = rate.burst;
    this.#leftAt = clock();
  }

  /** Whether `cost` units are let in. One that costs more than there is comes in while there is anything, and others pay for it. */
  async take(cost: number): Promise<boolean> {
    while (this.#owed >= this.#aheadMax) {
      if (this.clock() < this.#emptyUntil) return false;
      await this.#drawn();
    }
    this.#owed += Math.min(cost, this.rate.burst);
    if (this.#owed >= this.#aheadMax / 2 && this.clock() >= this.#emptyUntil) void this.#drawn();
    return true;
  }

  /** Whole units that are left, as far as this node knows. */
  get left(): number {
    const back = ((this.clock() - this.#leftAt) / 1_000) * this.rate.perSecond;
    return Math.max(0, Math.floor(Math.min(this.rate.burst, this.#left + back) - this.#owed));
  }

  /** Seconds until another unit may be let in, as far as this node knows; 1 at least. */
  get waitSeconds(): number {
    return Math.max(1, Math.ceil((this.#emptyUntil - this.clock()) / 1_000));
  }

  #drawn(): Promise<void> {
    this.#drawing ??= this.#drawOwed().finally(() => (this.#drawing = undefined));
    return this.#drawing;
  }

  async #drawOwed(): Promise<void> {
    const asked = Math.ceil(this.#owed);
    const { granted, left } = await this.draw(asked);
    this.#owed -= granted;
    this.#left = left;
    this.#leftAt = this.clock();
    if (granted >= asked) return;
    const missing = this.#owed - this.#aheadMax + 1 - left;
    this.#emptyUntil = this.clock() + Math.max(ASK_AGAIN_MS, (missing / this.rate.perSecond) * 1_000);
  }
}
