import { LRUCache } from 'lru-cache';
import { askRegions } from './ask-regions.js';
import { assumeRole, type RoleRequest } from './assume-role.js';
import type { Trail } from './aws-call.js';
import { type AwsTerms, stsRegionsInOrder } from './aws-terms.js';
import { type CustomerKey, sessionIdentity, sessionName, sessionPolicyOf, type SessionPurpose, vaultPrefix } from './customer-key.js';
import { Deadline } from './deadline.js';
import type { PlatformIdentity } from './platform-identity.js';
import type { RoleSession } from './role-session.js';
import { SessionSlot } from './session-slot.js';

const SESSION_SECONDS = 900;
/**
 * What a customer refused stands on the vault's row, for every node and until a check takes it back. A memory of this process
 * would outlive the change of mind.
 */
const REFUSAL_MEMORY_MS = 0;

/** The sessions in which Keyhold acts as customers' roles: one per vault, key and purpose, each cut down to its key. */
export class CustomerSessions {
  readonly #slots: LRUCache<string, SessionSlot>;

  constructor(
    private readonly platform: PlatformIdentity,
    private readonly terms: AwsTerms,
  ) {
    this.#slots = new LRUCache({ max: terms.limits.sessionsMax });
  }

  slot(key: CustomerKey, purpose: SessionPurpose): SessionSlot {
    const identity = sessionIdentity(key, purpose);
    const kept = this.#slots.get(identity);
    if (kept) return kept;
    const open = (trail: Trail) => this.assume(key, purpose, key.externalId, trail);
    const slot = new SessionSlot(open, this.terms.clock, REFUSAL_MEMORY_MS);
    this.#slots.set(identity, slot);
    return slot;
  }

  /** Forgets every session of the vault, in this process. */
  drop(workspaceId: string, vaultId: string): void {
    const prefix = vaultPrefix(workspaceId, vaultId);
    for (const [identity, slot] of this.#slots.entries()) {
      if (!identity.startsWith(prefix)) continue;
      slot.drop();
      this.#slots.delete(identity);
    }
  }

  /** AssumeRole at STS itself, in one Region or else in the other. Nothing is kept. Rejects with AwsError. */
  async assume(key: CustomerKey, purpose: SessionPurpose, externalId: string | undefined, trail: Trail): Promise<RoleSession> {
    const deadline = new Deadline(this.terms.clock, this.terms.limits.totalMs);
    const request: RoleRequest = {
      roleArn: key.roleArn,
      sessionName: sessionName(key, purpose),
      durationSeconds: SESSION_SECONDS,
      sessionPolicy: sessionPolicyOf(key, this.terms.regions),
      ...(externalId !== undefined && { externalId }),
    };
    // Our own identity first: what signing in as ourselves finds out about the Regions need not be found out again.
    await deadline.within(deadline.remainingMs, () => this.platform.sts(this.terms.regions.main));
    return askRegions(
      {
        regions: stsRegionsInOrder(this.terms),
        deadline,
        attempt: async (region) => {
          const principal = await deadline.within(deadline.remainingMs, () => this.platform.sts(region));
          return assumeRole(request, { ...principal, region, deadline, trail }, this.terms);
        },
        renew: () => this.platform.renew(),
      },
      this.terms,
    );
  }
}
