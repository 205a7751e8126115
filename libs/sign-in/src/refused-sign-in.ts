import { type RequestSource, nobody } from '#access';
import { type Database, isForeignKeyViolation } from '#database';

export interface RefusedSignIn {
  workspaceId: string;
  source: RequestSource;
  method: 'password' | 'invitation' | 'oidc';
  /** Who was claimed, an e-mail address. */
  account?: string;
  /** For the record alone. */
  reason: string;
  /** What somebody else said about them. */
  said?: { providerId: string; subject?: string };
}

const ACCOUNT_CHARACTERS_MAX = 254;

/** Puts on record who was not let in. Of a workspace that is not there nothing is kept. */
export async function recordRefusedSignIn(database: Pick<Database, 'act'>, refused: RefusedSignIn): Promise<void> {
  const { workspaceId, source, method, reason, said } = refused;
  const account = refused.account?.slice(0, ACCOUNT_CHARACTERS_MAX);
  const details = { method, ...(account !== undefined && { account }), reason, ...said };
  try {
    await database.act(nobody(workspaceId, source, account), () => ({ result: null, event: { type: 'sign_in.refused', details } }));
  } catch (error) {
    if (!isForeignKeyViolation(error, 'audit_events_workspace_id_fkey')) throw error;
  }
}
