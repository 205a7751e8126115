import { randomUUIDv7 } from 'node:crypto';
import { AccessError, type RequestContext, handsOutEveryBox } from '#access';
import { type Database, isUniqueViolation } from '#database';
import type { OutboundAddresses } from '#outbound';
import type { ClientSecrets } from './client-secrets.js';
import { IdentityProviderError } from './identity-provider-error.js';
import type { IdentityProviderFacts, IdentityProviderRows } from './identity-provider-rows.js';
import type { IdentityProviderView, IdentityProviderViews } from './identity-provider-view.js';
import { readIssuer } from './issuer.js';
import { OIDC_CALL_REMEDIES, OidcCallError } from './oidc-call-error.js';
import { discover } from './oidc-client.js';
import { OidcTransport } from './oidc-transport.js';

export interface IdentityProviderOrder {
  name: string;
  issuer: string;
  clientId: string;
  clientSecret?: string;
  groupsClaim?: string;
  linksActiveMembers?: boolean;
}

/** Registers a provider that answers as one. */
export class CreateIdentityProvider {
  constructor(
    private readonly database: Database,
    private readonly rows: IdentityProviderRows,
    private readonly secrets: ClientSecrets,
    private readonly addresses: OutboundAddresses,
    private readonly views: IdentityProviderViews,
    private readonly privateOrigins: ReadonlySet<string>,
  ) {}

  async run(ctx: RequestContext, order: IdentityProviderOrder): Promise<IdentityProviderView> {
    if (order.linksActiveMembers) requireMayLinkAnybody(ctx);
    await this.#check(order);
    const facts = this.#factsOf(ctx, order);
    try {
      return await this.database.act(ctx, async (tx) => {
        const row = await this.rows.insert(tx, ctx.workspaceId, facts);
        if (!row) throw new IdentityProviderError('identity_provider_limit');
        const view = this.views.of(row);
        return { result: view, event: { type: 'identity_provider.created', details: recordOf(view) } };
      });
    } catch (error) {
      throw nameTaken(error);
    }
  }

  async #check({ issuer, clientId, clientSecret }: IdentityProviderOrder): Promise<void> {
    if (!readIssuer(issuer, this.privateOrigins)) throw new IdentityProviderError('identity_provider_rejected', ISSUER_NOT_ALLOWED);
    try {
      await discover(new OidcTransport(this.addresses), { issuer, clientId, clientSecret });
    } catch (error) {
      if (!(error instanceof OidcCallError)) throw error;
      const facts = { cause: error.code, remedy: OIDC_CALL_REMEDIES[error.code] };
      throw new IdentityProviderError('identity_provider_rejected', facts, { cause: error });
    }
  }

  #factsOf({ workspaceId }: RequestContext, order: IdentityProviderOrder): IdentityProviderFacts {
    const providerId = randomUUIDv7();
    const { name, issuer, clientId, clientSecret, groupsClaim, linksActiveMembers = false } = order;
    return {
      provider_id: providerId,
      name,
      issuer,
      client_id: clientId,
      client_secret_sealed: clientSecret === undefined ? null : this.secrets.seal(workspaceId, providerId, clientSecret),
      groups_claim: groupsClaim ?? null,
      links_active_members: linksActiveMembers,
    };
  }
}

const ISSUER_NOT_ALLOWED = {
  cause: 'issuer_not_allowed',
  remedy:
    'The issuer must be an https URL with a public name, written exactly as the provider calls itself: lower case, without user, query, fragment or default port.',
};

/**
 * Who controls a provider that links active members can become any of them, the Owner too. So it is for those to decide who may
 * hand out every access. Throws `beyond_own_rights`.
 */
export function requireMayLinkAnybody(ctx: RequestContext): void {
  if (!handsOutEveryBox(ctx.actions, ctx)) throw new AccessError('beyond_own_rights');
}

/** What the trail keeps of a provider. */
export function recordOf({ id, name, issuer, clientId, groupsClaim, linksActiveMembers }: IdentityProviderView) {
  return { providerId: id, name, issuer, clientId, groupsClaim, linksActiveMembers };
}

export function nameTaken(error: unknown): unknown {
  return isUniqueViolation(error, 'identity_providers_name_key') ? new IdentityProviderError('identity_provider_name_taken') : error;
}
