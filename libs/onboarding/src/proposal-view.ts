import type { AwsKmsTarget } from '#key-strategies';
import type { ProposalRows, StoredProposal } from './proposal-rows.js';

export interface ProposalView {
  id: string;
  linkId: string;
  linkName: string;
  createdAt: string;
  /** Where it was sent from. */
  sourceAddress: string;
  /** What a new vault takes. Null when the row was changed past the service: it is worth nothing then. */
  awsKms: AwsKmsTarget | null;
}

export function proposalView(rows: ProposalRows, workspaceId: string, row: StoredProposal): ProposalView {
  const target = { accountId: row.account_id, keyId: row.key_id, roleArn: row.role_arn };
  return {
    id: row.proposal_id,
    linkId: row.link_id,
    linkName: row.link_name,
    createdAt: row.created_at.toISOString(),
    sourceAddress: row.source_address,
    awsKms: rows.isIntact(workspaceId, row) ? target : null,
  };
}
