import type { MemberRows, RequestContext } from '#access';
import type { Database } from '#database';
import { withdrawInvitations } from '#members';
import { ApiKeyError } from './api-key-error.js';
import { findApiKey, revokeApiKey } from './api-key-store.js';

/**
 * Ends a key for good, within 5 seconds on every node, and in the same commit the invitations that it handed out. Nothing happens
 * when it is revoked already.
 */
export class RevokeApiKey {
  constructor(
    private readonly database: Database,
    private readonly members: MemberRows,
  ) {}

  async run(ctx: RequestContext, apiKeyId: string): Promise<void> {
    const before = await this.database.read(ctx, (tx) => findApiKey(tx, apiKeyId));
    if (!before) throw new ApiKeyError('api_key_not_found');
    if (before.status === 'revoked') return;
    await this.database.act(ctx, async (tx) => {
      await revokeApiKey(tx, apiKeyId);
      const withdrawn = await withdrawInvitations(tx, this.members, ctx.workspaceId, { issuerId: apiKeyId, because: 'api_key.revoked' });
      const { name, scopes, box_ids: boxIds, status } = before;
      const details = { apiKeyId, name, scopes, boxIds, before: status };
      return { result: null, event: [{ type: 'api_key.revoked', details }, ...withdrawn] };
    });
  }
}
