import { type Place, type Row, cursor, inPath, problem } from '../row.js';

const H = '/v1/workspaces/:workspaceId/vaults/:vaultId/health';
const needs = { act: 'vault:read' } as const;
const vaultId: Place = inPath('vault', 'vault_not_found');

export const KEY_HEALTH: readonly Row[] = [
  { route: `GET ${H}`, needs, places: { vaultId }, succeeds: { status: 200 } },
  { route: `GET ${H}/history`, needs, places: { vaultId }, succeeds: { status: 200 } },
  {
    route: `GET ${H}/history`,
    needs,
    places: { vaultId: { ...vaultId, absent: problem(400, 'bad_cursor') }, cursor: cursor('cursor of health changes') },
    succeeds: { status: 200 },
  },
];
