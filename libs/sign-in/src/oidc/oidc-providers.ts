import { LRUCache } from 'lru-cache';
import type { Configuration } from 'openid-client';
import type { OutboundAddresses } from '#outbound';
import type { ClientSecrets } from './client-secrets.js';
import type { IdentityProviderRow } from './identity-provider-rows.js';
import { discover } from './oidc-client.js';
import { OidcTransport } from './oidc-transport.js';

/** A provider that changes its endpoints is believed after this time; its keys are looked up again within 5 minutes. */
const KNOWN_FOR_MS = 10 * 60 * 1000;
/** Whoever keeps asking for a provider that is down does not make us ask each time. */
const FAILED_FOR_MS = 2_000;

/**
 * The clients of all providers, made from rows when they are first needed. Each belongs to one row as it is: what another
 * workspace knows of the same issuer, and what was known before a change, is something else.
 */
export class OidcProviders {
  readonly #known = new LRUCache<string, Promise<Configuration>>({ max: 1_000, ttl: KNOWN_FOR_MS });

  constructor(
    private readonly addresses: OutboundAddresses,
    private readonly secrets: ClientSecrets,
  ) {}

  /** Throws OidcCallError. Those who come together wait for one answer. */
  client(workspaceId: string, row: IdentityProviderRow): Promise<Configuration> {
    const key = JSON.stringify([workspaceId, row.provider_id, row.mac.toString('base64')]);
    const known = this.#known.get(key);
    if (known) return known;
    const asked = this.#discover(workspaceId, row);
    this.#known.set(key, asked);
    asked.catch(() => this.#known.set(key, asked, { ttl: FAILED_FOR_MS }));
    return asked;
  }

  #discover(workspaceId: string, { provider_id, issuer, client_id, client_secret_sealed }: IdentityProviderRow): Promise<Configuration> {
    const clientSecret = client_secret_sealed ? this.secrets.open(workspaceId, provider_id, client_secret_sealed) : undefined;
    return discover(new OidcTransport(this.addresses), { issuer, clientId: client_id, clientSecret });
  }
}
