import {
  authorizationCodeGrant,
  AuthorizationResponseError,
  ClientError,
  type Configuration,
  fetchUserInfo,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import type { Database } from '#database';
import type { IdentityProviderRow, IdentityProviderRows } from './identity-provider-rows.js';
import type { IdentityProviderViews } from './identity-provider-view.js';
import { callErrorOf } from './oidc-client.js';
import type { OidcFlow } from './oidc-flows.js';
import { type Claims, type OidcIdentity, readIdentity } from './oidc-identity.js';
import type { OidcProviders } from './oidc-providers.js';
import { OidcRefusal, type OidcRefusalReason } from './oidc-refusal.js';

/** From what a browser brings back from a provider to who came. */
export class OidcAnswers {
  constructor(
    private readonly database: Pick<Database, 'read'>,
    private readonly rows: IdentityProviderRows,
    private readonly providers: OidcProviders,
    private readonly views: IdentityProviderViews,
  ) {}

  /**
   * Throws OidcRefusal, and OidcCallError when the provider could not be asked.
   *
   * @param search with which the provider sent the browser back
   */
  async identify(flow: OidcFlow, search: string): Promise<OidcIdentity> {
    const { workspaceId, providerId } = flow;
    const row = await this.database.read({ workspaceId }, (tx) => this.rows.find(tx, workspaceId, providerId));
    if (!row) throw new OidcRefusal('provider_removed');
    const client = await this.providers.client(workspaceId, row);
    const claims = await this.#claims(client, row, flow, search).catch((error: unknown) => {
      throw callErrorOf(error) ?? refusalOf(error);
    });
    const identity = readIdentity(claims, row.groups_claim);
    if (!identity) throw new OidcRefusal('answer_not_valid');
    return identity;
  }

  async #claims(client: Configuration, row: IdentityProviderRow, flow: OidcFlow, search: string): Promise<Claims> {
    const here = new URL(this.views.redirectUri(row.provider_id));
    here.search = search;
    const tokens = await authorizationCodeGrant(client, here, {
      expectedState: flow.state,
      expectedNonce: flow.nonce,
      pkceCodeVerifier: flow.codeVerifier,
      idTokenExpected: true,
      // who was asked to sign in again must have done so since
      ...(flow.confirms && { maxAge: Math.ceil((Date.now() - flow.startedAt) / 1000) }),
    });
    const claims = tokens.claims();
    if (!claims) throw new OidcRefusal('answer_not_valid');
    if (tellsAll(claims, row) || client.serverMetadata().userinfo_endpoint === undefined) return claims;
    return { ...(await fetchUserInfo(client, tokens.access_token, claims.sub)), ...claims };
  }
}

/** Where scopes are granted together with an access token, some providers tell only there what they stand for. */
function tellsAll(claims: Claims, { groups_claim }: IdentityProviderRow): boolean {
  return claims['email'] !== undefined && (groups_claim === null || claims[groups_claim] !== undefined);
}

/** What cannot be told apart from a fault of ours is thrown as it is. */
function refusalOf(error: unknown): unknown {
  const reason = reasonOf(error);
  return reason ? new OidcRefusal(reason, {}, { cause: error }) : error;
}

const CLIENT_ERRORS: ReadonlySet<string> = new Set(['invalid_client', 'unauthorized_client']);

function reasonOf(error: unknown): OidcRefusalReason | undefined {
  if (error instanceof AuthorizationResponseError) return 'provider_refused';
  if (error instanceof WWWAuthenticateChallengeError) return 'client_refused';
  if (error instanceof ResponseBodyError) return CLIENT_ERRORS.has(error.error) ? 'client_refused' : 'code_refused';
  return error instanceof ClientError ? 'answer_not_valid' : undefined;
}
