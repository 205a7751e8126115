import { EMPTY, type Place, type Row, cursor, filter, inBody, inPath, problem } from '../row.js';
import type { Tenant } from '../tenant.js';

const I = '/v1/workspaces/:workspaceId/items';
const itemId: Place = inPath('item', 'item_not_found');
const anotherItem = async (tenant: Tenant) => ({ itemId: await tenant.another('item') });

export const ITEMS: readonly Row[] = [
  {
    route: `POST ${I}`,
    needs: { act: 'item:seal' },
    places: {
      vaultId: { ...inBody('vault', problem(404, 'vault_not_found')), isBehindRights: true },
      boxId: inBody('box', problem(404, 'box_not_found')),
    },
    body: ({ vaultId, boxId }) => ({ kind: 'secret', name: 'An item', vaultId, boxId, payload: { value: 1 } }),
    succeeds: { status: 201 },
    hidden: problem(404, 'box_not_found'),
    isIdempotent: true,
  },
  {
    route: `GET ${I}`,
    needs: { act: 'item:read' },
    places: { vaultId: filter('vault'), boxId: filter('box') },
    succeeds: { status: 200 },
    hidden: EMPTY,
  },
  {
    route: `GET ${I}`,
    needs: { act: 'item:read' },
    places: { cursor: cursor('cursor of items') },
    succeeds: { status: 200 },
    hidden: EMPTY,
  },
  { route: `GET ${I}/:itemId`, needs: { act: 'item:read' }, places: { itemId }, succeeds: { status: 200 } },
  {
    route: `PUT ${I}/:itemId`,
    needs: { act: 'item:seal' },
    places: { itemId },
    body: () => ({ payload: { value: 2 } }),
    succeeds: { status: 200 },
    isIdempotent: true,
  },
  {
    route: `DELETE ${I}/:itemId`,
    needs: { act: 'item:delete', confirmed: true },
    places: { itemId },
    succeeds: { status: 204 },
    isIdempotent: true,
    uses: anotherItem,
  },
  {
    // into the box where it lies: that it may be taken out and put in is asked all the same
    route: `POST ${I}/:itemId/box`,
    needs: { act: 'item:delete', confirmed: true },
    places: { itemId, boxId: { ...inBody('box', problem(404, 'box_not_found')), isBehindRights: true } },
    body: ({ boxId }) => ({ boxId }),
    refused: ({ scopes }, place) => (scopes && !scopes.includes('item:seal') && !place ? problem(403, 'forbidden') : undefined),
    succeeds: { status: 200 },
    isIdempotent: true,
  },
  {
    // out of the first vault: whoever moves it could unseal it, seal it anew and delete it
    route: `POST ${I}/:itemId/vault`,
    needs: { act: 'item:delete', confirmed: true },
    places: { itemId, vaultId: { ...inBody('new vault', problem(404, 'vault_not_found')), isBehindRights: true } },
    body: ({ vaultId }) => ({ vaultId }),
    refused: ({ scopes }) =>
      scopes && !(scopes.includes('item:unseal') && scopes.includes('item:seal')) ? problem(403, 'forbidden') : undefined,
    succeeds: { status: 200 },
    isIdempotent: true,
    uses: anotherItem,
  },
  { route: `GET ${I}/:itemId/versions`, needs: { act: 'item:read' }, places: { itemId }, succeeds: { status: 200 } },
  {
    route: `GET ${I}/:itemId/versions`,
    needs: { act: 'item:read' },
    places: { itemId, cursor: { ...cursor('cursor of versions'), isBehindRights: true } },
    succeeds: { status: 200 },
  },
  { route: `POST ${I}/:itemId/unseal`, needs: { act: 'item:unseal', confirmed: true }, places: { itemId }, succeeds: { status: 200 } },
  { route: `GET ${I}/:itemId/export`, needs: { act: 'item:export', confirmed: true }, places: { itemId }, succeeds: { status: 200 } },
];
