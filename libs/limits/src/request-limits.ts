import { LRUCache } from 'lru-cache';
import { Allowance } from './allowance.js';
import { LimitError } from './limit-error.js';
import type { Buckets, Clock, Rate } from './rate.js';

/** What one workspace may ask of the service. */
export interface WorkspaceLimits {
  /** On all nodes together. */
  requests: Rate;
  /** Bytes of bodies, on all nodes together. */
  bytes: Rate;
  /** Requests that are under way at the same time, on each node. */
  atOnceMax: number;
}

/** A workspace as this node knows it. */
interface Guest {
  requests: Allowance;
  bytes: Allowance;
  atOnce: number;
}

export interface Stay {
  /** For the answer: what is left, as a `RateLimit` field. */
  rateLimit: string;
  /** To be called once, when the request is over. */
  end: () => void;
}

/** Keeps each workspace to its share. What one asks too much of is refused to itself, before anything is done for it. */
export class RequestLimits {
  /** The limits, as a `RateLimit-Policy` field. */
  readonly policy: string;
  readonly #guests = new LRUCache<string, Guest>({ max: 10_000 });

  constructor(
    private readonly limits: WorkspaceLimits,
    private readonly buckets: { requests: Buckets; bytes: Buckets },
    private readonly clock: Clock,
  ) {
    const { requests, bytes, atOnceMax } = limits;
    this.policy =
      `"requests";q=${requests.burst};w=${windowOf(requests)}, "bytes";q=${bytes.burst};qu="content-bytes";w=${windowOf(bytes)}, ` +
      `"at-once";q=${atOnceMax};qu="concurrent-requests"`;
  }

  /** Lets a request with a body of so many bytes in. Throws LimitError `workspace_busy` or `too_many_requests`. */
  async enter(workspaceId: string, bodyBytes: number): Promise<Stay> {
    const guest = this.#guestOf(workspaceId);
    if (guest.atOnce >= this.limits.atOnceMax) throw refusal('workspace_busy', 'at-once', 1);
    guest.atOnce += 1;
    try {
      if (!(await guest.requests.take(1))) throw refusal('too_many_requests', 'requests', guest.requests.waitSeconds);
      if (bodyBytes > 0 && !(await guest.bytes.take(bodyBytes))) throw refusal('too_many_requests', 'bytes', guest.bytes.waitSeconds);
    } catch (error) {
      guest.atOnce -= 1;
      throw error;
    }
    return { rateLimit: this.#left(guest), end: () => (guest.atOnce -= 1) };
  }

  #left({ requests, bytes, atOnce }: Guest): string {
    return `"requests";r=${requests.left}, "bytes";r=${bytes.left}, "at-once";r=${this.limits.atOnceMax - atOnce}`;
  }

  #guestOf(workspaceId: string): Guest {
    const known = this.#guests.get(workspaceId);
    if (known) return known;
    const allowance = (unit: 'requests' | 'bytes') =>
      new Allowance(this.limits[unit], (asked) => this.buckets[unit].draw(workspaceId, asked), this.clock);
    const guest: Guest = { requests: allowance('requests'), bytes: allowance('bytes'), atOnce: 0 };
    this.#guests.set(workspaceId, guest);
    return guest;
  }
}

const windowOf = ({ perSecond, burst }: Rate): number => Math.max(1, Math.round(burst / perSecond));

const refusal = (code: 'workspace_busy' | 'too_many_requests', limit: string, retryAfterSeconds: number): LimitError =>
  new LimitError(code, { limit, retryAfterSeconds });
