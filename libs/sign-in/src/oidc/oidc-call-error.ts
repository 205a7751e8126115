/** Why an identity provider could not be asked, or what it answered that cannot be used. To what its administrator can do about it. */
export const OIDC_CALL_REMEDIES = {
  url_not_allowed: 'An endpoint in the discovery document is no https URL. Correct it at the provider.',
  name_not_found:
    'The name of the issuer, or of an endpoint in its discovery document, has no address in the public DNS. Check its spelling.',
  address_not_allowed:
    'The issuer, or an endpoint in its discovery document, has an address that is not public. A provider on a private network must be allowed by the operator of this service.',
  not_reachable:
    'No connection, or no valid certificate. The provider must be reachable from this service, over TLS with a certificate that is trusted publicly.',
  too_slow: 'The provider did not answer within 5 seconds. Try again; if it lasts, look at the provider.',
  too_large: 'The provider answered more than 256 KiB. Check the issuer.',
  redirected: 'The provider answered with a redirect, which is not followed. Give the issuer as its discovery document does.',
  bad_status:
    'The provider answered with another status than 200. Check the issuer: its discovery document must be below it at /.well-known/openid-configuration.',
  not_json: 'The provider did not answer JSON. Check the issuer.',
  issuer_differs: 'The discovery document names another issuer. Give exactly the one that it names.',
  not_conform: 'The discovery document or the keys of the provider are not as OpenID Connect requires them.',
  busy: 'Too many requests wait for this provider. Try again.',
} as const satisfies Record<string, string>;
export type OidcCallFailure = keyof typeof OIDC_CALL_REMEDIES;

/** A call to an identity provider that led to nothing. Its message is its code: never what was answered. */
export class OidcCallError extends Error {
  override readonly name = 'OidcCallError';
  constructor(
    readonly code: OidcCallFailure,
    options?: ErrorOptions,
  ) {
    super(code, options);
  }
}
