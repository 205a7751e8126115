import { endDrills } from '../../harness/drill.js';
import { type Place, type Row, cursor, inPath, problem } from '../row.js';
import type { Tenant } from '../tenant.js';

const D = '/v1/workspaces/:workspaceId/vaults/:vaultId/drills';
const look = { act: 'vault:read' } as const;
const manage = { act: 'vault:manage' } as const;
const vaultId: Place = inPath('vault', 'vault_not_found');
const drillId: Place = inPath('drill', 'drill_not_found');

/** There is one at a time. */
async function noDrill({ workspace, ids }: Tenant) {
  await endDrills(workspace, ids.vault);
  return {};
}

export const DRILLS: readonly Row[] = [
  ...['revocation', 'region'].map(
    (kind): Row => ({
      route: `POST ${D}/${kind}`,
      needs: manage,
      places: { vaultId },
      succeeds: { status: 201 },
      isIdempotent: true,
      uses: noDrill,
    }),
  ),
  { route: `GET ${D}`, needs: look, places: { vaultId }, succeeds: { status: 200 } },
  {
    route: `GET ${D}`,
    needs: look,
    places: { vaultId: { ...vaultId, absent: problem(400, 'bad_cursor') }, cursor: cursor('cursor of drills') },
    succeeds: { status: 200 },
  },
  { route: `GET ${D}/:drillId`, needs: look, places: { vaultId, drillId }, succeeds: { status: 200 } },
  {
    route: `POST ${D}/:drillId/cancel`,
    needs: manage,
    places: { vaultId, drillId },
    succeeds: { status: 200 },
    isIdempotent: true,
    uses: async (tenant) => ({ drillId: await tenant.another('drill') }),
  },
];
