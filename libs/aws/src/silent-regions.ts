import { LRUCache } from 'lru-cache';
import { isTimeOut } from './ask-regions.js';
import type { Clock } from './clock.js';
import type { AwsRegion } from './regions.js';

const REMEMBERED_MAX = 20_000;

interface Silence {
  /** Requests in a row that were not answered in time. */
  timeOuts: number;
  /** Milliseconds of the clock. */
  until: number;
}

export interface SilenceTerms {
  /** So many time-outs in a row make a Region silent. */
  afterTimeOuts: number;
  /** How long a silent Region comes last; then one request tries it. */
  forMs: number;
}

/**
 * In which order Regions are asked: one that kept silent a moment ago comes last, so that an outage costs its time a few times
 * and not with every request. Silence alone counts; an answer of any kind, a refusal above all, ends it.
 */
export class SilentRegions {
  readonly #silences = new LRUCache<string, Silence>({ max: REMEMBERED_MAX });

  constructor(
    private readonly clock: Clock,
    private readonly terms: SilenceTerms,
  ) {}

  /** `regions`, the silent ones last. `whose` keeps apart those whose requests tell nothing about each other. */
  inOrder(whose: string, regions: readonly AwsRegion[]): AwsRegion[] {
    const silent = new Set(regions.filter((region) => this.#isSilent(whose, region)));
    return [...regions.filter((region) => !silent.has(region)), ...silent];
  }

  /** Waits for a request to `region`, and notes whether it was answered at all. */
  async observed<T>(whose: string, region: AwsRegion, request: Promise<T>): Promise<T> {
    const id = idOf(whose, region);
    try {
      const answer = await request;
      this.#silences.delete(id);
      return answer;
    } catch (error) {
      if (isTimeOut(error)) this.#note(id);
      else this.#silences.delete(id);
      throw error;
    }
  }

  #note(id: string): void {
    const timeOuts = (this.#silences.get(id)?.timeOuts ?? 0) + 1;
    this.#silences.set(id, { timeOuts, until: this.clock.now() + this.terms.forMs });
  }

  /** Once the time is over, whoever asks first tries the Region; the others keep away from it until that is known. */
  #isSilent(whose: string, region: AwsRegion): boolean {
    const silence = this.#silences.get(idOf(whose, region));
    if (silence === undefined || silence.timeOuts < this.terms.afterTimeOuts) return false;
    if (this.clock.now() < silence.until) return true;
    silence.until = this.clock.now() + this.terms.forMs;
    return false;
  }
}

function idOf(whose: string, region: AwsRegion): string {
  return `${whose} ${region}`;
}
