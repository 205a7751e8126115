import type { RequestContext } from '#access';
import type { Database } from '#database';
import { OnboardingError } from './onboarding-error.js';
import type { ProposalRows } from './proposal-rows.js';

/** Takes a proposal away that was registered, or is not wanted. */
export class DiscardProposal {
  constructor(
    private readonly database: Database,
    private readonly proposals: ProposalRows,
  ) {}

  /** Throws `setup_proposal_not_found`. */
  async run(ctx: RequestContext, proposalId: string): Promise<void> {
    await this.database.act(ctx, async (tx) => {
      const gone = await this.proposals.delete(tx, proposalId);
      if (!gone) throw new OnboardingError('setup_proposal_not_found');
      const { link_id: linkId, account_id: accountId, key_id: keyId, role_arn: roleArn } = gone;
      const details = { proposalId, linkId, accountId, keyId, roleArn };
      return { result: null, event: { type: 'aws_setup_proposal.discarded', details } };
    });
  }
}
