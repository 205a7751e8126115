import type { RequestContext } from '#access';
import type { Statement } from '#audit';
import { type Database, isForeignKeyViolation } from '#database';
import { recordOf } from './create-identity-provider.js';
import { IdentityProviderError } from './identity-provider-error.js';
import type { IdentityProviderRows } from './identity-provider-rows.js';
import type { IdentityProviderViews } from './identity-provider-view.js';

const END_SESSIONS: Statement = {
  name: 'identity-provider-end-sessions',
  text: `UPDATE sessions SET ended_at = now() WHERE workspace_id = $1 AND ended_at IS NULL AND expires_at > now()
      AND member_id IN (SELECT member_id FROM member_identities WHERE workspace_id = $1 AND provider_id = $2)
    RETURNING session_id`,
};

/** Removes a provider with the identities it vouched for, and ends the sessions of those people, however they had signed in. */
export class DeleteIdentityProvider {
  constructor(
    private readonly database: Database,
    private readonly rows: IdentityProviderRows,
    private readonly views: IdentityProviderViews,
  ) {}

  async run(ctx: RequestContext, providerId: string): Promise<null> {
    try {
      return await this.database.act(ctx, async (tx) => {
        const row = await this.rows.findToChange(tx, ctx.workspaceId, providerId);
        if (!row) throw new IdentityProviderError('identity_provider_not_found');
        const ended = await tx.query(END_SESSIONS, [providerId]);
        await this.rows.delete(tx, providerId);
        const details = { ...recordOf(this.views.of(row)), sessionsEnded: ended.length };
        return { result: null, event: { type: 'identity_provider.deleted', details } };
      });
    } catch (error) {
      if (isForeignKeyViolation(error, 'groups_workspace_id_provider_id_fkey')) throw new IdentityProviderError('identity_provider_in_use');
      throw error;
    }
  }
}
