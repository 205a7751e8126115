import type { Principal } from '../principals.js';
import { NOT_VALID, type Outcome, type Place, type Row, inBody, inPath, problem } from '../row.js';
import type { Tenant } from '../tenant.js';

const W = '/v1/workspaces/:workspaceId';
const needs = { act: 'vault:manage', confirmed: true } as const;
const noVault = problem(404, 'vault_not_found');
const nothingMatches: Outcome = { status: 200 };

/** What lies in every box moves: a key that is for some boxes has no say in that. */
const notOfEveryBox = ({ scopes, box }: Principal): Outcome | undefined =>
  scopes && box !== 'every' ? problem(403, 'forbidden') : undefined;
const orNoVault = (principal: Principal): Outcome => notOfEveryBox(principal) ?? noVault;
const filterOf = (kind: 'item' | 'box'): Place => ({
  in: 'body',
  kind,
  absent: (principal) => notOfEveryBox(principal) ?? nothingMatches,
  malformed: NOT_VALID,
});

const anotherVault = (place: string) => async (tenant: Tenant) => ({ [place]: await tenant.another('new vault') });

export const MOVING: readonly Row[] = [
  {
    route: `POST ${W}/vaults/:vaultId/rekey`,
    needs,
    places: { vaultId: inPath('new vault', 'vault_not_found') },
    body: () => ({ strategy: 'default' }),
    succeeds: { status: 200 },
    isIdempotent: true,
    uses: anotherVault('vaultId'),
  },
  {
    route: `POST ${W}/vaults/:vaultId/rekey/undo`,
    needs,
    places: { vaultId: inPath('rekeyed vault', 'vault_not_found') },
    succeeds: { status: 200 },
    isIdempotent: true,
    uses: async (tenant) => ({ vaultId: await tenant.another('rekeyed vault') }),
    isCostly: true,
  },
  {
    route: `POST ${W}/vaults/:vaultId/evacuate`,
    needs,
    places: { vaultId: { ...inPath('new vault', 'vault_not_found'), absent: orNoVault }, targetVaultId: inBody('vault', orNoVault) },
    body: ({ targetVaultId }) => ({ targetVaultId }),
    refused: notOfEveryBox,
    succeeds: { status: 200 },
    isIdempotent: true,
    uses: anotherVault('vaultId'),
  },
  {
    route: `POST ${W}/item-moves`,
    needs,
    places: { sourceVaultId: inBody('new vault', orNoVault), targetVaultId: inBody('vault', orNoVault) },
    body: ({ sourceVaultId, targetVaultId }) => ({ sourceVaultId, targetVaultId }),
    refused: notOfEveryBox,
    succeeds: { status: 200 },
    isIdempotent: true,
    uses: anotherVault('sourceVaultId'),
  },
  {
    // a filter that names what is not there matches nothing, and the counts say the same of what is another's
    route: `POST ${W}/item-moves`,
    needs,
    places: { sourceVaultId: inBody('vault', orNoVault), boxId: filterOf('box'), itemId: filterOf('item') },
    body: ({ sourceVaultId, boxId, itemId }, { ids }) => ({
      sourceVaultId,
      targetVaultId: ids['new vault'],
      boxId,
      itemIds: [itemId],
      dryRun: true,
    }),
    refused: notOfEveryBox,
    succeeds: { status: 200 },
    isIdempotent: true,
  },
];
