import { randomUUID } from 'node:crypto';
import { type Place, type Row, cursor, inPath } from '../row.js';
import type { Tenant } from '../tenant.js';

const W = '/v1/workspaces/:workspaceId';
const V = `${W}/vaults`;
const vaultId: Place = inPath('vault', 'vault_not_found');

export const VAULTS: readonly Row[] = [
  {
    route: `POST ${V}`,
    needs: { act: 'vault:create' },
    places: {},
    body: () => ({ name: `Vault ${randomUUID()}`, strategy: 'default' }),
    succeeds: { status: 201 },
    isIdempotent: true,
  },
  { route: `GET ${V}`, needs: { act: 'vault:read' }, places: { cursor: cursor('cursor of vaults') }, succeeds: { status: 200 } },
  { route: `GET ${V}/:vaultId`, needs: { act: 'vault:read' }, places: { vaultId }, succeeds: { status: 200 } },
  {
    route: `PATCH ${V}/:vaultId`,
    needs: { act: 'vault:manage' },
    places: { vaultId },
    body: () => ({ itemsPerDataKey: 10 }),
    succeeds: { status: 200 },
    isIdempotent: true,
  },
  {
    route: `POST ${V}/:vaultId/verify`,
    needs: { act: 'vault:manage' },
    places: { vaultId },
    succeeds: { status: 200 },
    isIdempotent: true,
  },
  {
    route: `POST ${V}/:vaultId/default`,
    needs: { act: 'vault:manage' },
    places: { vaultId },
    succeeds: { status: 200 },
    isIdempotent: true,
  },
  {
    route: `DELETE ${V}/:vaultId`,
    needs: { act: 'vault:manage', confirmed: true },
    places: { vaultId: inPath('new vault', 'vault_not_found') },
    succeeds: { status: 200 },
    isIdempotent: true,
    uses: async (tenant: Tenant) => ({ vaultId: await tenant.another('new vault') }),
  },
  {
    route: `POST ${V}/:vaultId/restore`,
    needs: { act: 'vault:manage', confirmed: true },
    places: { vaultId: inPath('deleted vault', 'vault_not_found') },
    succeeds: { status: 200 },
    isIdempotent: true,
    uses: async (tenant: Tenant) => ({ vaultId: await tenant.another('deleted vault') }),
    isCostly: true,
  },
  {
    route: `GET ${W}/deleted-vaults`,
    needs: { act: 'vault:read' },
    places: { cursor: cursor('cursor of deleted vaults') },
    succeeds: { status: 200 },
  },
];
