import {
  type ClientAuth,
  ClientSecretBasic,
  ClientSecretPost,
  type Configuration,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  None,
} from 'openid-client';
import { OidcCallError } from './oidc-call-error.js';
import type { OidcTransport } from './oidc-transport.js';

/** How this service is known at a provider. */
export interface OidcClient {
  issuer: string;
  clientId: string;
  clientSecret: string | undefined;
}

const CALL_SECONDS = 5;

/**
 * The provider as its discovery document describes it, with every endpoint that will be used judged. ID tokens are accepted only
 * with a signature of a key of the provider's. Throws OidcCallError.
 */
export async function discover(transport: OidcTransport, { issuer, clientId, clientSecret }: OidcClient): Promise<Configuration> {
  const url = new URL(issuer);
  const options = { [customFetch]: transport.fetch, timeout: CALL_SECONDS, execute: [enableNonRepudiationChecks] };
  // which of the two ways to prove itself is known only from the document, which comes while this is waited for
  const auth: ClientAuth = (server, ...request) =>
    clientAuth(server.token_endpoint_auth_methods_supported, clientSecret)(server, ...request);
  const found = await discovery(url, clientId, {}, auth, options).catch((error: unknown) => {
    throw callErrorOf(error) ?? new OidcCallError('not_conform', { cause: error });
  });
  await assertUsable(transport, url, found);
  return found;
}

/** Basic is what every provider must know that does not say otherwise. */
function clientAuth(supported: readonly string[] | undefined, secret: string | undefined): ClientAuth {
  if (secret === undefined) return None();
  const isPostOnly = supported?.includes('client_secret_post') && !supported.includes('client_secret_basic');
  return isPostOnly ? ClientSecretPost(secret) : ClientSecretBasic(secret);
}

async function assertUsable(transport: OidcTransport, url: URL, found: Configuration): Promise<void> {
  const { issuer, authorization_endpoint, token_endpoint, jwks_uri, userinfo_endpoint } = found.serverMetadata();
  // the library lets Microsoft's shared issuers through, behind which anybody can be
  if (new URL(issuer).href !== url.href) throw new OidcCallError('issuer_differs');
  for (const endpoint of [token_endpoint, jwks_uri, userinfo_endpoint ?? jwks_uri]) await transport.assertAllowed(endpointUrl(endpoint));
  if (endpointUrl(authorization_endpoint).protocol !== 'https:') throw new OidcCallError('url_not_allowed');
}

function endpointUrl(endpoint: unknown): URL {
  if (typeof endpoint !== 'string' || !URL.canParse(endpoint)) throw new OidcCallError('not_conform');
  return new URL(endpoint);
}

/** Our own verdict on a call, which the library wraps; or its verdict on whose document this is. */
export function callErrorOf(error: unknown): OidcCallError | undefined {
  if (error instanceof OidcCallError) return error;
  if (!(error instanceof Error)) return undefined;
  if ('code' in error && error.code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED')
    return new OidcCallError('issuer_differs', { cause: error });
  return callErrorOf(error.cause);
}
