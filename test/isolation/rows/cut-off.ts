import { type Place, type Row, cursor, inPath, problem } from '../row.js';
import type { Tenant } from '../tenant.js';

const V = '/v1/workspaces/:workspaceId/vaults/:vaultId';
const look = { act: 'vault:read' } as const;
const vaultId: Place = inPath('vault', 'vault_not_found');

/** One that was not stopped before, unless by `act`. */
const anotherVault = (act?: 'disable' | 'suspend') => async (tenant: Tenant) => {
  const made = await tenant.another('new vault');
  const stopped = act && (await tenant.workspace.call('POST', `/vaults/${made}/${act}`));
  if (stopped && stopped.status !== 200) throw new Error(`${act} of a vault: ${stopped.status} ${stopped.text}`);
  return { vaultId: made };
};

/** Receipts tell what each node dropped. */
const tells: Row['tells'] = ({ nodeIds }) => nodeIds;

const decided = (how: string, uses: Row['uses'], { confirmed }: { confirmed?: true } = {}): Row => ({
  route: `POST ${V}/${how}`,
  needs: { act: 'vault:manage', ...(confirmed && { confirmed }) },
  places: { vaultId: inPath('new vault', 'vault_not_found') },
  succeeds: { status: 200 },
  isIdempotent: true,
  uses,
});

export const CUT_OFF: readonly Row[] = [
  decided('disable', anotherVault()),
  decided('enable', anotherVault('disable'), { confirmed: true }),
  decided('suspend', anotherVault()),
  decided('resume', anotherVault('suspend'), { confirmed: true }),
  { ...decided('purge', anotherVault()), tells },
  { route: `GET ${V}/purges`, needs: look, places: { vaultId }, succeeds: { status: 200 }, tells },
  {
    route: `GET ${V}/purges`,
    needs: look,
    places: { vaultId: { ...vaultId, absent: problem(400, 'bad_cursor') }, cursor: cursor('cursor of purges') },
    succeeds: { status: 200 },
    tells,
  },
  {
    route: `GET ${V}/purges/:purgeId`,
    needs: look,
    places: { vaultId, purgeId: inPath('purge', 'purge_not_found') },
    succeeds: { status: 200 },
    tells,
  },
];
