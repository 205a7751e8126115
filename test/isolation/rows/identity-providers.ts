import { randomUUID } from 'node:crypto';
import { type Place, type Row, cursor, inPath } from '../row.js';

const P = '/v1/workspaces/:workspaceId/identity-providers';
const providerId: Place = inPath('provider', 'identity_provider_not_found');
const needs = { act: 'identity_provider:manage' } as const;

export const IDENTITY_PROVIDERS: readonly Row[] = [
  {
    route: `POST ${P}`,
    needs: { ...needs, confirmed: true },
    places: {},
    body: (_ids, { issuer }) => ({ name: `Provider ${randomUUID()}`, issuer, clientId: 'keyhold' }),
    succeeds: { status: 201 },
    isIdempotent: true,
  },
  { route: `GET ${P}`, needs, places: { cursor: cursor('cursor of identity providers') }, succeeds: { status: 200 } },
  { route: `GET ${P}/:providerId`, needs, places: { providerId }, succeeds: { status: 200 } },
  {
    route: `PATCH ${P}/:providerId`,
    needs: { ...needs, confirmed: true },
    places: { providerId },
    body: () => ({ groupsClaim: 'groups' }),
    succeeds: { status: 200 },
    isIdempotent: true,
  },
  {
    route: `DELETE ${P}/:providerId`,
    needs: { ...needs, confirmed: true },
    places: { providerId },
    succeeds: { status: 204 },
    isIdempotent: true,
    uses: async (tenant) => ({ providerId: await tenant.another('provider') }),
  },
];
