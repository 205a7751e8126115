import { createHmac } from 'node:crypto';
import type { SignedProof } from '#aws';
import type { Queries, Statement } from '#audit';
import type { KeyBytes, RootKey } from '#envelope';

/** A row that is there counts as used up at this number; the first use writes it where a signature is for one use only. */
const USES_MAX = 5;
/** Clocks of nodes and database differ: nothing is forgotten that a node might still take. */
const KEPT_LONGER_MS = 5 * 60_000;

/** How often one signature may sign somebody in. */
export type ProofUse =
  | 'once'
  /** SigV4 has seconds: processes that share credentials make the same signature, and clients send it again. From one address, and not without end. */
  | 'again_from_same_source';

const LOOK: Statement = {
  name: 'aws-proof-look',
  text: `SELECT w.aws_audience, p.uses, p.source_address FROM workspaces w
    LEFT JOIN aws_proofs p ON p.workspace_id = w.workspace_id AND p.proof_hmac = $2 WHERE w.workspace_id = $1`,
};

const SPEND: Statement = {
  name: 'aws-proof-spend',
  text: `INSERT INTO aws_proofs AS p (workspace_id, proof_hmac, source_address, uses, expires_at)
    VALUES ($1, $2, $3, $4, to_timestamp($5 / 1000.0))
    ON CONFLICT (workspace_id, proof_hmac) DO UPDATE SET uses = p.uses + 1
    WHERE $6 AND p.source_address = excluded.source_address AND p.uses < $7 RETURNING uses`,
};

/** What the workspace says of signatures, and what it remembers of this one. */
export interface KnownProof {
  /** Of a workspace that is not there as of one that was just made. */
  audienceIs: 'required' | 'optional';
  isSpent: boolean;
}

export interface Spending {
  workspaceId: string;
  proof: SignedProof;
  use: ProofUse;
  sourceAddress: string;
}

/** The memory of signatures that let somebody in, shared by all nodes, for as long as one could be sent again. */
export class AwsProofs {
  readonly #key: KeyBytes;

  constructor(rootKey: RootKey) {
    this.#key = rootKey.subkey('aws-proofs');
  }

  /** Before AWS is asked: what is spent by then need not be asked about. */
  async look(tx: Queries, { workspaceId, proof, use, sourceAddress }: Spending): Promise<KnownProof> {
    const [row] = await tx.query<{ aws_audience: KnownProof['audienceIs']; uses: number | null; source_address: string | null }>(LOOK, [
      this.#hmac(workspaceId, proof),
    ]);
    if (!row) return { audienceIs: 'required', isSpent: false };
    const mayUse = row.uses === null || (use !== 'once' && row.uses < USES_MAX && row.source_address === sourceAddress);
    return { audienceIs: row.aws_audience, isSpent: !mayUse };
  }

  /** In the transaction that signs in: false when the signature may not do so, or not any more. */
  async spend(tx: Queries, { workspaceId, proof, use, sourceAddress }: Spending): Promise<boolean> {
    const uses = use === 'once' ? USES_MAX : 1;
    const values = [this.#hmac(workspaceId, proof), sourceAddress, uses, proof.expiresAt + KEPT_LONGER_MS, use !== 'once', USES_MAX];
    return (await tx.query(SPEND, values)).length === 1;
  }

  #hmac(workspaceId: string, { signatureSha256 }: SignedProof): Buffer {
    return createHmac('sha256', this.#key.expose()).update(workspaceId).update(signatureSha256).digest();
  }
}
