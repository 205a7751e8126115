import {
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  type Configuration,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { Database } from '#database';
import { IdentityProviderError } from './identity-provider-error.js';
import type { IdentityProviderRow, IdentityProviderRows } from './identity-provider-rows.js';
import type { IdentityProviderViews } from './identity-provider-view.js';
import type { OidcFlow, OidcFlows, SessionToConfirm } from './oidc-flows.js';
import type { OidcProviders } from './oidc-providers.js';

export interface OidcOrder {
  workspaceId: string;
  providerId: string;
  returnTo: string;
  /** Asks the person to show again who they are, for this session. */
  confirms?: SessionToConfirm;
}

export interface BegunOidc {
  /** Of the provider, for the browser to go to. */
  location: string;
  /** For the same browser to bring back. */
  sealedFlow: string;
}

/** Sends a browser to an identity provider. */
export class BeginOidc {
  constructor(
    private readonly database: Database,
    private readonly rows: IdentityProviderRows,
    private readonly providers: OidcProviders,
    private readonly views: IdentityProviderViews,
    private readonly flows: OidcFlows,
  ) {}

  /** Throws `identity_provider_not_found`, whether it is the workspace or the provider that is not there; OidcCallError. */
  async run({ workspaceId, providerId, returnTo, confirms }: OidcOrder): Promise<BegunOidc> {
    const row = await this.database.read({ workspaceId }, (tx) => this.rows.find(tx, workspaceId, providerId));
    if (!row) throw new IdentityProviderError('identity_provider_not_found');
    const client = await this.providers.client(workspaceId, row);
    const flow: OidcFlow = {
      workspaceId,
      providerId,
      state: randomState(),
      nonce: randomNonce(),
      codeVerifier: randomPKCECodeVerifier(),
      returnTo,
      startedAt: Date.now(),
      ...(confirms && { confirms }),
    };
    return { location: await this.#location(client, row, flow), sealedFlow: this.flows.seal(flow) };
  }

  async #location(client: Configuration, row: IdentityProviderRow, flow: OidcFlow): Promise<string> {
    const parameters = {
      redirect_uri: this.views.redirectUri(row.provider_id),
      scope: scopeOf(client, row),
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: await calculatePKCECodeChallenge(flow.codeVerifier),
      code_challenge_method: 'S256',
      ...(flow.confirms && { prompt: 'login', max_age: '0' }),
    };
    return buildAuthorizationUrl(client, parameters).href;
  }
}

/** `groups` only where it is known: some providers refuse what they do not know. */
function scopeOf(client: Configuration, { groups_claim }: IdentityProviderRow): string {
  const { scopes_supported: supported } = client.serverMetadata();
  const hasGroups = groups_claim !== null && Array.isArray(supported) && supported.includes('groups');
  return hasGroups ? 'openid email profile groups' : 'openid email profile';
}
