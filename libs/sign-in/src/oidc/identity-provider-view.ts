import type { IdentityProviderRow } from './identity-provider-rows.js';

/** A provider as its administrators see it; the secret is never told. */
export interface IdentityProviderView {
  id: string;
  name: string;
  issuer: string;
  clientId: string;
  hasClientSecret: boolean;
  groupsClaim: string | null;
  linksActiveMembers: boolean;
  redirectUri: string;
  createdAt: string;
  updatedAt: string;
}

/** What people see of a provider where they choose one. */
export interface SignInProviderView {
  id: string;
  name: string;
}

export class IdentityProviderViews {
  /** @param publicUrl the origin at which browsers reach this service */
  constructor(private readonly publicUrl: string) {}

  of(row: IdentityProviderRow): IdentityProviderView {
    return {
      id: row.provider_id,
      name: row.name,
      issuer: row.issuer,
      clientId: row.client_id,
      hasClientSecret: row.client_secret_sealed !== null,
      groupsClaim: row.groups_claim,
      linksActiveMembers: row.links_active_members,
      redirectUri: this.redirectUri(row.provider_id),
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
    };
  }

  /** Where a provider sends people back to: a place of its own, so that an answer of one is never taken for that of another. */
  redirectUri(providerId: string): string {
    return `${this.publicUrl}/v1/sign-in/oidc/callback/${providerId}`;
  }
}
