import { randomUUIDv7 } from 'node:crypto';
import { AccessError, type RequestContext } from '#access';
import type { Database } from '#database';
import type { AwsKmsTarget, KeyStrategyCatalog } from '#key-strategies';
import { OnboardingError } from './onboarding-error.js';
import type { ProposalRows } from './proposal-rows.js';
import { lockActiveSetupLink } from './setup-link-store.js';

/** That one link keeps; those that were discarded make room. */
export const PROPOSALS_MAX = 5;

export interface ReceivedProposal {
  id: string;
  createdAt: string;
}

/** Keeps what the holder of a link sends back until somebody of the workspace has looked at it. AWS is not asked. */
export class ProposeKey {
  constructor(
    private readonly database: Database,
    private readonly strategies: KeyStrategyCatalog,
    private readonly proposals: ProposalRows,
  ) {}

  /**
   * `values` are judged as those of a new vault are. Throws KeyStrategyError `bad_config`, `setup_proposal_quota_reached`, and
   * `unauthenticated` when the link has ended.
   */
  run(ctx: RequestContext, values: AwsKmsTarget): Promise<ReceivedProposal> {
    const { workspaceId, principal, sourceAddress } = ctx;
    const target = this.strategies.get('aws-kms').configure(workspaceId, values) as AwsKmsTarget;
    const proposal = { proposalId: randomUUIDv7(), linkId: principal.id, target, sourceAddress };
    return this.database.act(ctx, async (tx) => {
      if (!(await lockActiveSetupLink(tx, proposal.linkId))) throw new AccessError('unauthenticated');
      if ((await this.proposals.countOf(tx, proposal.linkId)) >= PROPOSALS_MAX) throw new OnboardingError('setup_proposal_quota_reached');
      const createdAt = await this.proposals.insert(tx, workspaceId, proposal);
      const details = { proposalId: proposal.proposalId, linkId: proposal.linkId, ...target };
      const result = { id: proposal.proposalId, createdAt: createdAt.toISOString() };
      return { result, event: { type: 'aws_setup_proposal.received', details } };
    });
  }
}
