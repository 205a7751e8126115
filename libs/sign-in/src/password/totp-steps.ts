import type { Queries, Statement } from '#audit';

/** Of two that come at once, on whatever nodes, the row lets one through. Steps before the last one are spent with it. */
const SPEND: Statement = {
  name: 'totp-step-spend',
  text: `UPDATE members SET totp_last_step = $3
    WHERE workspace_id = $1 AND member_id = $2 AND (totp_last_step IS NULL OR totp_last_step < $3) RETURNING member_id`,
};

/** Of a new secret, none of whose codes was spent but this one. */
const BEGIN: Statement = {
  name: 'totp-steps-begin',
  text: `UPDATE members SET totp_last_step = $3 WHERE workspace_id = $1 AND member_id = $2`,
};

/** For a new secret: what was spent of the old one says nothing about it. */
export async function beginTotpSteps(tx: Queries, memberId: string, step: number): Promise<void> {
  await tx.query(BEGIN, [memberId, step]);
}

/** False when a code of this step, or of a later one, was spent before. */
export async function spendTotpStep(tx: Queries, memberId: string, step: number): Promise<boolean> {
  return (await tx.query(SPEND, [memberId, step])).length === 1;
}
