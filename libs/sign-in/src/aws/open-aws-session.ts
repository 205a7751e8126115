import {
  type AwsCaller,
  BOX_ACTIONS,
  type BoxRights,
  grantCandidates,
  mintSession,
  parseAwsPrincipal,
  type RequestContext,
  type RequestSource,
  type RowMacs,
} from '#access';
import type { AuditEvent } from '#audit';
import type { Database } from '#database';
import type { AwsProofs, Spending } from './aws-proofs.js';
import { AwsRefusal } from './aws-refusal.js';
import type { ProvenAwsCaller } from './prove-aws-caller.js';

export interface AwsSignedIn {
  token: string;
  sessionId: string;
  expiresAt: Date;
  caller: AwsCaller;
}

export interface AwsSessionOrder {
  proven: ProvenAwsCaller;
  spending: Spending;
  source: RequestSource & { userAgent: string | undefined };
  /** Of the event, besides what every sign-in tells. */
  details: Readonly<Record<string, unknown>>;
}

/** A session for a proven AWS identity that has business here. */
export class OpenAwsSession {
  constructor(
    private readonly database: Database,
    private readonly rights: BoxRights,
    private readonly proofs: AwsProofs,
    private readonly macs: RowMacs,
  ) {}

  /**
   * Checks that a live grant names the caller, spends the signature and opens the session in one commit: without a session
   * nothing is spent. Throws AwsRefusal `not_granted` and `replayed`.
   */
  async run({ proven: { caller, call }, spending, source, details }: AwsSessionOrder): Promise<AwsSignedIn> {
    const { workspaceId } = spending;
    const { sourceAddress, userAgent } = source;
    const session = mintSession(this.macs, { workspaceId, of: { kind: 'aws', aws: caller }, sourceAddress, userAgent });
    const ctx = contextOf(workspaceId, session.sessionId, caller, source);
    return this.database.act(ctx, async (tx) => {
      const boxes = await this.rights.boxesFor(tx, ctx, 'box:read');
      if (boxes.length === 0) throw new AwsRefusal('not_granted', { caller, call });
      if (!(await this.proofs.spend(tx, spending))) throw new AwsRefusal('replayed', { caller, call });
      const { expiresAt } = await session.insert(tx);
      const event: AuditEvent = { type: 'sign_in.succeeded', calls: [call], details: { method: 'aws', ...details } };
      return { result: { token: session.token, sessionId: session.sessionId, expiresAt, caller }, event };
    });
  }
}

/** The same context that the session will give later. */
function contextOf(workspaceId: string, sessionId: string, aws: AwsCaller, source: RequestSource): RequestContext {
  const identity = parseAwsPrincipal(aws.arn);
  return {
    principal: { kind: 'aws', role: 'aws', id: aws.arn, name: aws.arn, sessionId, aws },
    workspaceId,
    actions: new Set(BOX_ACTIONS),
    reach: { by: 'grants', arns: identity ? grantCandidates(identity) : [], uniqueId: aws.uniqueId },
    requestId: source.requestId,
    sourceAddress: source.sourceAddress,
  };
}
