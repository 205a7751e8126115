import type { RequestContext } from '#access';
import type { Database } from '#database';
import type { ClientSecrets } from './client-secrets.js';
import { type IdentityProviderOrder, nameTaken, recordOf, requireMayLinkAnybody } from './create-identity-provider.js';
import { IdentityProviderError } from './identity-provider-error.js';
import type { IdentityProviderFacts, IdentityProviderRow, IdentityProviderRows } from './identity-provider-rows.js';
import type { IdentityProviderView, IdentityProviderViews } from './identity-provider-view.js';

export type IdentityProviderChange = Partial<Omit<IdentityProviderOrder, 'issuer'>>;

/** Whether somebody may get in by the change who did not before: another claim fills groups that boxes were granted to. */
function opensMore(before: IdentityProviderRow, { linksActiveMembers, groupsClaim, clientId }: IdentityProviderChange): boolean {
  if (groupsClaim !== undefined && groupsClaim !== before.groups_claim) return true;
  if (linksActiveMembers) return !before.links_active_members || (clientId !== undefined && clientId !== before.client_id);
  return before.links_active_members && clientId !== undefined && clientId !== before.client_id;
}

/** Changes what is named; the rest stays. */
export class UpdateIdentityProvider {
  constructor(
    private readonly database: Database,
    private readonly rows: IdentityProviderRows,
    private readonly secrets: ClientSecrets,
    private readonly views: IdentityProviderViews,
  ) {}

  async run(ctx: RequestContext, providerId: string, change: IdentityProviderChange): Promise<IdentityProviderView> {
    try {
      return await this.database.act(ctx, async (tx) => {
        const before = await this.rows.findToChange(tx, ctx.workspaceId, providerId);
        if (!before) throw new IdentityProviderError('identity_provider_not_found');
        if (opensMore(before, change)) requireMayLinkAnybody(ctx);
        const after = this.views.of(await this.rows.update(tx, ctx.workspaceId, this.#changed(ctx, before, change)));
        const details = {
          before: recordOf(this.views.of(before)),
          after: recordOf(after),
          clientSecretChanged: change.clientSecret !== undefined,
        };
        return { result: after, event: { type: 'identity_provider.updated', details } };
      });
    } catch (error) {
      throw nameTaken(error);
    }
  }

  #changed({ workspaceId }: RequestContext, before: IdentityProviderRow, change: IdentityProviderChange): IdentityProviderFacts {
    const { clientSecret } = change;
    return {
      ...before,
      name: change.name ?? before.name,
      client_id: change.clientId ?? before.client_id,
      client_secret_sealed:
        clientSecret === undefined ? before.client_secret_sealed : this.secrets.seal(workspaceId, before.provider_id, clientSecret),
      groups_claim: change.groupsClaim ?? before.groups_claim,
      links_active_members: change.linksActiveMembers ?? before.links_active_members,
    };
  }
}
