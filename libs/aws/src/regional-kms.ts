import type { KMSClient } from '@aws-sdk/client-kms';
import { askRegions } from './ask-regions.js';
import type { Trail } from './aws-call.js';
import { AwsError } from './aws-error.js';
import type { AwsTerms } from './aws-terms.js';
import type { CustomerKey, SessionPurpose } from './customer-key.js';
import { vaultPrefix } from './customer-key.js';
import type { CustomerSessions } from './customer-sessions.js';
import { Deadline } from './deadline.js';
import { kmsOutcome } from './kms-outcomes.js';
import type { RegionalClients } from './regional-clients.js';
import { type AwsRegion, keyArn } from './regions.js';
import type { RoleSession } from './role-session.js';
import { send } from './send.js';
import type { SessionSlot } from './session-slot.js';
import { regionFallbacks } from './signals.js';
import type { VaultBulkheads } from './vault-bulkheads.js';

interface Answer {
  $metadata: { requestId?: string };
}

/** One KMS operation on a customer's key, in the first of `regions` that can be asked. */
export interface KmsAct<A extends Answer> {
  operation: 'Encrypt' | 'Decrypt' | 'DescribeKey' | 'GetPublicKey';
  key: CustomerKey;
  purpose: SessionPurpose;
  regions: readonly AwsRegion[];
  trail: Trail;
  send: (client: KMSClient, keyArn: string, abortSignal: AbortSignal) => Promise<A>;
  /** Whether the answer is about what was asked. Saying no makes the act fail with `ours`. */
  isIntact: (answer: A, keyArn: string) => boolean;
}

/** Asks KMS in the role session of one vault, within that vault's bulkhead and one deadline for everything. */
export class RegionalKms {
  constructor(
    private readonly sessions: CustomerSessions,
    private readonly clients: RegionalClients,
    private readonly bulkheads: VaultBulkheads,
    private readonly terms: AwsTerms,
  ) {}

  /** Rejects with AwsError. */
  run<A extends Answer>(act: KmsAct<A>): Promise<A> {
    const { key } = act;
    const deadline = new Deadline(this.terms.clock, this.terms.limits.totalMs);
    const vault = vaultPrefix(key.workspaceId, key.vaultId);
    return this.bulkheads.run(vault, deadline, () => this.#inSession(act, deadline));
  }

  async #inSession<A extends Answer>(act: KmsAct<A>, deadline: Deadline): Promise<A> {
    const slot = this.sessions.slot(act.key, act.purpose);
    const open = () => deadline.within(deadline.remainingMs, () => slot.session(act.trail));
    let session = await open();
    const renew = async () => {
      slot.discard(session);
      session = await open();
    };
    const { kmsSilence } = this.terms;
    const vault = vaultPrefix(act.key.workspaceId, act.key.vaultId);
    const attempt = (region: AwsRegion) => kmsSilence.observed(vault, region, this.#attempt(act, session, region, deadline));
    let answering: AwsRegion | undefined;
    const attemptIn = (region: AwsRegion) => attempt((answering = region));
    try {
      const answer = await askRegions({ regions: kmsSilence.inOrder(vault, act.regions), deadline, attempt: attemptIn, renew }, this.terms);
      tellFallback(act.regions[0], answering);
      return answer;
    } catch (error) {
      discardIfRefused(slot, session, error);
      throw error;
    }
  }

  async #attempt<A extends Answer>(act: KmsAct<A>, session: RoleSession, region: AwsRegion, deadline: Deadline): Promise<A> {
    const { operation, trail } = act;
    const arn = keyArn(region, act.key.accountId, act.key.keyId);
    const answer = await send({
      service: 'kms',
      operation,
      region,
      accessKeyId: session.accessKeyId,
      deadline,
      attemptMs: this.terms.limits.attemptMs,
      trail,
      send: (abortSignal) => act.send(this.clients.kms(session, region), arn, abortSignal),
      outcomeOf: kmsOutcome,
    });
    if (!act.isIntact(answer, arn)) throw notIntact(operation, region, answer);
    return answer;
  }
}

function tellFallback(from: AwsRegion | undefined, to: AwsRegion | undefined): void {
  if (from !== undefined && to !== undefined && from !== to) regionFallbacks.tell({ from, to });
}

function notIntact(operation: string, region: AwsRegion, { $metadata: { requestId } }: Answer): AwsError {
  return new AwsError('ours', { service: 'kms', operation, region, awsError: 'AnswerNotIntact', ...(requestId && { requestId }) });
}

/** The owner may have revoked the sessions issued so far. When access comes back it comes for a new one. */
function discardIfRefused(slot: SessionSlot, session: RoleSession, error: unknown): void {
  if (error instanceof AwsError && error.code === 'refused') slot.discard(session);
}
