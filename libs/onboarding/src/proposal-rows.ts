import type { RowMacs } from '#access';
import type { Queries, Statement } from '#audit';
import type { AwsKmsTarget } from '#key-strategies';

const INSERT: Statement = {
  name: 'setup-proposal-insert',
  text: `INSERT INTO setup_proposals (workspace_id, proposal_id, link_id, account_id, key_id, role_arn, source_address, mac)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING created_at`,
};

const COUNT: Statement = {
  name: 'setup-proposal-count',
  text: 'SELECT count(*)::integer AS count FROM setup_proposals WHERE workspace_id = $1 AND link_id = $2',
};

const LIST: Statement = {
  name: 'setup-proposal-list',
  text: `SELECT proposal_id, link_id, name AS link_name, account_id, key_id, role_arn, source_address, p.mac, p.created_at
    FROM setup_proposals p JOIN setup_links l USING (workspace_id, link_id)
    WHERE workspace_id = $1 AND ($2::uuid IS NULL OR proposal_id < $2) ORDER BY proposal_id DESC LIMIT $3`,
};

const DELETE: Statement = {
  name: 'setup-proposal-delete',
  text: `DELETE FROM setup_proposals WHERE workspace_id = $1 AND proposal_id = $2 RETURNING link_id, account_id, key_id, role_arn`,
};

export interface NewProposal {
  proposalId: string;
  linkId: string;
  target: AwsKmsTarget;
  sourceAddress: string;
}

export interface StoredProposal {
  proposal_id: string;
  link_id: string;
  link_name: string;
  account_id: string;
  key_id: string;
  role_arn: string;
  source_address: string;
  mac: Buffer;
  created_at: Date;
}

/** Which key somebody proposed. Who could change that in the database could have items sealed under a key of their own. */
export class ProposalRows {
  constructor(private readonly macs: RowMacs) {}

  /** Answers when. */
  async insert(tx: Queries, workspaceId: string, { proposalId, linkId, target, sourceAddress }: NewProposal): Promise<Date> {
    const { accountId, keyId, roleArn } = target;
    const mac = this.macs.of('setup-proposal', [workspaceId, proposalId, linkId, accountId, keyId, roleArn]);
    const values = [proposalId, linkId, accountId, keyId, roleArn, sourceAddress, mac];
    const [row] = await tx.query<{ created_at: Date }>(INSERT, values);
    if (!row) throw new Error('an insert answered no row');
    return row.created_at;
  }

  async countOf(tx: Queries, linkId: string): Promise<number> {
    return (await tx.query<{ count: number }>(COUNT, [linkId]))[0]?.count ?? 0;
  }

  /** Newest first, after `before`. */
  list(tx: Queries, limit: number, before?: string): Promise<StoredProposal[]> {
    return tx.query<StoredProposal>(LIST, [before, limit]);
  }

  /** Undefined when there is no such one. */
  async delete(
    tx: Queries,
    proposalId: string,
  ): Promise<Pick<StoredProposal, 'link_id' | 'account_id' | 'key_id' | 'role_arn'> | undefined> {
    return (await tx.query<StoredProposal>(DELETE, [proposalId]))[0];
  }

  /** Whether it is what came through its link. */
  isIntact(workspaceId: string, { proposal_id, link_id, account_id, key_id, role_arn, mac }: StoredProposal): boolean {
    return this.macs.isOurs('setup-proposal', [workspaceId, proposal_id, link_id, account_id, key_id, role_arn], mac);
  }
}
