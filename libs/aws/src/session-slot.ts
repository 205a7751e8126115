import type { Trail } from './aws-call.js';
import { AwsError } from './aws-error.js';
import type { Clock } from './clock.js';
import type { RoleSession } from './role-session.js';

const PAUSE_AFTER_FAILED_REFRESH_MS = 10_000;

export type OpenSession = (trail: Trail) => Promise<RoleSession>;

/**
 * One role session, kept fresh. Any number of callers cause one AssumeRole; a session past its refresh time is still handed out
 * while a new one is fetched, and to its real end when STS cannot be asked. A refusal ends it at once, and is
 * remembered where that is wanted.
 */
export class SessionSlot {
  #session: RoleSession | undefined;
  #flight: Promise<RoleSession> | undefined;
  #refusal: { error: AwsError; until: number } | undefined;
  #refreshNotBefore = 0;
  /** Calls made for nobody in particular, for the trail of whoever comes next. */
  #untold: Trail = [];

  constructor(
    private readonly open: OpenSession,
    private readonly clock: Clock,
    private readonly refusalMemoryMs: number,
  ) {}

  async session(trail: Trail): Promise<RoleSession> {
    const kept = this.#usable();
    if (kept && this.#isDue(kept)) this.#refreshBehindTheScenes();
    try {
      return kept ?? (await this.#unlessRefused(() => this.#fly()));
    } finally {
      trail.push(...this.#untold.splice(0));
    }
  }

  /** A new session from STS itself, whatever is kept or remembered. What it finds holds for everybody: a refusal ends the kept one. */
  async freshSession(trail: Trail): Promise<RoleSession> {
    try {
      return await this.#fly();
    } finally {
      trail.push(...this.#untold.splice(0));
    }
  }

  /** The kept session if STS need not be asked for it. */
  kept(): RoleSession | undefined {
    return this.#usable();
  }

  /** AWS does not take this session any more. No effect when another one has taken its place meanwhile. */
  discard(stale: RoleSession): void {
    if (this.#session === stale) this.#session = undefined;
  }

  /** Forgets everything; a session still on its way is not kept either. */
  drop(): void {
    this.#session = undefined;
    this.#flight = undefined;
    this.#refusal = undefined;
  }

  #usable(): RoleSession | undefined {
    return this.#session && this.clock.now() < this.#session.expiresAt ? this.#session : undefined;
  }

  #isDue(session: RoleSession): boolean {
    return this.clock.now() >= Math.max(session.refreshAt, this.#refreshNotBefore);
  }

  async #unlessRefused(open: () => Promise<RoleSession>): Promise<RoleSession> {
    if (this.#refusal && this.clock.now() < this.#refusal.until) throw this.#refusal.error;
    return open();
  }

  /** Nobody waits for this. What went wrong shows when somebody must wait; until then it is only not tried again at once. */
  #refreshBehindTheScenes(): void {
    void this.#fly().catch(() => {
      this.#refreshNotBefore = this.clock.now() + PAUSE_AFTER_FAILED_REFRESH_MS;
    });
  }

  /** Joins the request that is under way, or makes one. */
  #fly(): Promise<RoleSession> {
    if (this.#flight) return this.#flight;
    const flight = this.#land(() => this.#flight === flight);
    this.#flight = flight;
    return flight;
  }

  async #land(isWanted: () => boolean): Promise<RoleSession> {
    await Promise.resolve(); // so that `#flight` is set before anything can end
    const trail: Trail = [];
    try {
      const session = await this.open(trail);
      if (isWanted()) this.#keep(session);
      return session;
    } catch (error) {
      if (isWanted()) this.#note(error);
      throw error;
    } finally {
      this.#untold.push(...trail);
      if (isWanted()) this.#flight = undefined;
    }
  }

  #keep(session: RoleSession): void {
    this.#session = session;
    this.#refusal = undefined;
  }

  #note(error: unknown): void {
    if (!(error instanceof AwsError) || error.code !== 'refused') return;
    this.#session = undefined;
    this.#refusal = { error, until: this.clock.now() + this.refusalMemoryMs };
  }
}
