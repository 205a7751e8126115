import type { Provider } from '@nestjs/common';
import { RowMacs } from '#access';
import { Database } from '#database';
import { RootKey } from '#envelope';
import {
  ClientSecrets,
  CreateIdentityProvider,
  DeleteIdentityProvider,
  IdentityProviderRows,
  IdentityProviderViews,
  OidcProviders,
  OidcTransport,
  ProviderAddresses,
  UpdateIdentityProvider,
} from '#sign-in';
import { publicUrlOf } from '../config/config.js';
import type { Settings } from '../config/read-settings.js';
import { madeOf } from '../made-of.js';

/** Identity providers, and how they are asked. */
export function identityProviders({ config }: Settings): Provider[] {
  const privateOrigins: ReadonlySet<string> = new Set(config.privateIssuerOrigins);
  return [
    madeOf(IdentityProviderRows, RowMacs),
    madeOf(ClientSecrets, RootKey),
    { provide: IdentityProviderViews, useFactory: () => new IdentityProviderViews(publicUrlOf(config)) },
    { provide: OidcTransport, useFactory: () => new OidcTransport(new ProviderAddresses(privateOrigins)) },
    madeOf(OidcProviders, OidcTransport, ClientSecrets),
    {
      provide: CreateIdentityProvider,
      inject: [Database, IdentityProviderRows, ClientSecrets, OidcTransport, IdentityProviderViews],
      useFactory: (...parts: [Database, IdentityProviderRows, ClientSecrets, OidcTransport, IdentityProviderViews]) =>
        new CreateIdentityProvider(...parts, privateOrigins),
    },
    madeOf(UpdateIdentityProvider, Database, IdentityProviderRows, ClientSecrets, IdentityProviderViews),
    madeOf(DeleteIdentityProvider, Database, IdentityProviderRows, IdentityProviderViews),
  ];
}
