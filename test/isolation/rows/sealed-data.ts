import { type Row, inBody, problem } from '../row.js';
import { contextOf } from '../tenant.js';

const W = '/v1/workspaces/:workspaceId';
const notIntact = problem(422, 'sealed_data_not_intact');

export const SEALED_DATA: readonly Row[] = [
  {
    route: `POST ${W}/seal`,
    needs: { act: 'item:seal', everyBox: true },
    places: { vaultId: { ...inBody('vault', problem(404, 'vault_not_found')), isBehindRights: true } },
    body: ({ vaultId }) => ({ vaultId, context: 'c', payload: { value: 1 } }),
    succeeds: { status: 200 },
  },
  {
    route: `POST ${W}/seal`,
    needs: { act: 'item:seal', everyBox: true },
    places: { vaultId: { ...inBody('vault', problem(404, 'vault_not_found')), isBehindRights: true } },
    body: ({ vaultId }) => ({ vaultId, entries: [{ context: 'c', payload: { value: 1 } }] }),
    succeeds: { status: 200 },
  },
  {
    route: `POST ${W}/unseal`,
    needs: { act: 'item:unseal', everyBox: true },
    places: { sealed: { in: 'body', kind: 'sealed', absent: notIntact, malformed: notIntact, isBehindRights: true } },
    body: ({ sealed }, tenant) => ({ context: contextOf(tenant), sealed }),
    succeeds: { status: 200 },
  },
  {
    route: `POST ${W}/unseal`,
    needs: { act: 'item:unseal', everyBox: true },
    // each entry has an outcome of its own, beside those of the others
    places: { sealed: { in: 'batch member', kind: 'sealed', absent: { status: 200 }, malformed: { status: 200 }, isBehindRights: true } },
    body: ({ sealed }, tenant) => {
      const entries = [tenant.ids.sealed, sealed, tenant.ids.sealed];
      return { entries: entries.map((one) => ({ context: contextOf(tenant), sealed: one })) };
    },
    succeeds: { status: 200 },
  },
];
