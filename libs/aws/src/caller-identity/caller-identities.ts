import { bulkhead, BulkheadRejectedError, TaskCancelledError } from 'cockatiel';
import { type Clock, systemClock } from '../clock.js';
import { CallerIdentityError } from './caller-identity-error.js';
import type { SignedProof } from './signed-proof.js';
import { PARTITION } from './sts-hosts.js';
import { toldCaller, type ToldCaller } from './sts-reply.js';
import { StsTransport } from './sts-transport.js';

/** Who signed, as AWS says. */
export interface CallerIdentity extends ToldCaller {
  partition: string;
  /** Of the STS that was asked. */
  region: string;
  /** As it was signed with; not a secret, and no identity. */
  accessKeyId: string;
  /** Whether the signature was meant for us alone. */
  audienceIsSigned: boolean;
}

export interface CallerIdentityLimits {
  connectMs: number;
  /** Waiting for a place, both attempts and the pause between them. */
  totalMs: number;
  /** After a fault of AWS or of the way there, not after a time-out. */
  retries: number;
  pauseMs: number;
  /** Under way at once in this process, and waiting behind them. */
  callsMax: number;
  queuedMax: number;
}

const LIMITS: Readonly<CallerIdentityLimits> = {
  connectMs: 3_000,
  totalMs: 5_000,
  retries: 1,
  pauseMs: 100,
  callsMax: 32,
  queuedMax: 128,
};

export interface CallerIdentityOptions {
  /** One address for STS in all Regions, instead of AWS's own. For the sandbox. */
  endpoint?: string;
  limits?: Partial<CallerIdentityLimits>;
  clock?: Clock;
}

/** Asks STS who made a signature. The request is ours, word by word; the client's part in it is the signature. */
export class CallerIdentities {
  readonly #limits: CallerIdentityLimits;
  readonly #clock: Clock;
  readonly #transport: StsTransport;
  readonly #places;

  constructor({ endpoint, limits, clock = systemClock }: CallerIdentityOptions = {}) {
    this.#limits = { ...LIMITS, ...limits };
    this.#clock = clock;
    this.#transport = new StsTransport(endpoint === undefined ? undefined : new URL(endpoint), this.#limits.connectMs);
    this.#places = bulkhead(this.#limits.callsMax, this.#limits.queuedMax);
  }

  /** Rejects with CallerIdentityError; only `unavailable`, `unintelligible` and `busy` say nothing about the caller. */
  async prove(proof: SignedProof): Promise<CallerIdentity> {
    const signal = AbortSignal.timeout(this.#limits.totalMs);
    const told = await this.#inPlace(() => this.#ask(proof, signal), signal);
    const { region, accessKeyId, audienceIsSigned } = proof;
    return { ...told, partition: PARTITION, region, accessKeyId, audienceIsSigned };
  }

  async #inPlace<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await this.#places.execute(work, signal);
    } catch (error) {
      if (error instanceof BulkheadRejectedError || error instanceof TaskCancelledError) throw new CallerIdentityError('busy');
      throw error;
    }
  }

  async #ask(proof: SignedProof, signal: AbortSignal): Promise<ToldCaller> {
    for (let retriesLeft = this.#limits.retries; ; retriesLeft -= 1) {
      try {
        return toldCaller(await this.#transport.post(proof.headers(), signal));
      } catch (error) {
        if (retriesLeft === 0 || signal.aborted || !mayPass(error)) throw error;
        await this.#clock.sleep(this.#limits.pauseMs);
      }
    }
  }
}

const mayPass = (error: unknown): boolean => error instanceof CallerIdentityError && error.code === 'unavailable';
