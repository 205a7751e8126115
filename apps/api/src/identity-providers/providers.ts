import type { Provider } from '@nestjs/common';
import { Authenticator, GrantRows, MemberRows, RowMacs } from '#access';
import { Database } from '#database';
import { RootKey } from '#envelope';
import { SignInLimiter } from '#limits';
import { OutboundAddresses } from '#outbound';
import {
  BeginOidc,
  ClientSecrets,
  CreateIdentityProvider,
  DeleteIdentityProvider,
  FinishOidc,
  IdentityProviderRows,
  IdentityProviderViews,
  MemberIdentities,
  OidcAnswers,
  OidcFlows,
  OidcMembers,
  OidcProviders,
  ProviderGroups,
  SignInProviders,
  UpdateIdentityProvider,
} from '#sign-in';
import { publicUrlOf } from '../config/config.js';
import type { Settings } from '../config/read-settings.js';
import { madeOf } from '../made-of.js';

/** Identity providers, how they are asked, and what their word is good for. */
export function identityProviders({ config }: Settings): Provider[] {
  const privateOrigins: ReadonlySet<string> = new Set(config.privateIssuerOrigins);
  return [
    madeOf(IdentityProviderRows, RowMacs),
    madeOf(ClientSecrets, RootKey),
    { provide: IdentityProviderViews, useFactory: () => new IdentityProviderViews(publicUrlOf(config)) },
    { provide: OutboundAddresses, useFactory: () => new OutboundAddresses(privateOrigins) },
    madeOf(OidcProviders, OutboundAddresses, ClientSecrets),
    {
      provide: CreateIdentityProvider,
      inject: [Database, IdentityProviderRows, ClientSecrets, OutboundAddresses, IdentityProviderViews],
      useFactory: (...parts: [Database, IdentityProviderRows, ClientSecrets, OutboundAddresses, IdentityProviderViews]) =>
        new CreateIdentityProvider(...parts, privateOrigins),
    },
    madeOf(UpdateIdentityProvider, Database, IdentityProviderRows, ClientSecrets, IdentityProviderViews),
    madeOf(DeleteIdentityProvider, Database, IdentityProviderRows, IdentityProviderViews),

    madeOf(MemberIdentities, RowMacs),
    madeOf(ProviderGroups, GrantRows),
    madeOf(OidcFlows, RootKey),
    madeOf(OidcMembers, IdentityProviderRows, MemberRows, MemberIdentities, ProviderGroups),
    madeOf(OidcAnswers, Database, IdentityProviderRows, OidcProviders, IdentityProviderViews),
    madeOf(SignInProviders, Database, IdentityProviderRows),
    madeOf(BeginOidc, Database, IdentityProviderRows, OidcProviders, IdentityProviderViews, OidcFlows),
    madeOf(FinishOidc, Database, RowMacs, OidcFlows, OidcAnswers, OidcMembers, SignInLimiter, Authenticator),
  ];
}
