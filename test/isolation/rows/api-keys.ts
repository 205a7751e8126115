import { randomUUID } from 'node:crypto';
import { type Principal, handsOutEveryBox } from '../principals.js';
import { NOT_VALID, type Outcome, type Place, type Row, cursor, inPath, problem } from '../row.js';

const K = '/v1/workspaces/:workspaceId/api-keys';
const apiKeyId: Place = { ...inPath('api key', 'api_key_not_found'), deleted: { status: 200 } }; // revoked, and still to be seen
const noSuchBox = problem(404, 'box_not_found');

/** Nobody hands out what they do not have: in a box that is nothing to them, nothing; and no scope that they lack. */
function beyondOwnRights(principal: Principal): Outcome | undefined {
  if (handsOutEveryBox(principal)) return undefined;
  const { scopes, box } = principal;
  if (!scopes || box === 'other') return noSuchBox; // of people with this right, the Owner alone is in the box
  return scopes.includes('item:read') ? undefined : problem(403, 'beyond_own_rights');
}

export const API_KEYS: readonly Row[] = [
  {
    route: `POST ${K}`,
    needs: { act: 'api_key:manage', confirmed: true },
    places: { boxId: { in: 'body', kind: 'box', absent: noSuchBox, malformed: NOT_VALID, isBehindRights: true } },
    body: ({ boxId }) => ({ name: `Key ${randomUUID()}`, scopes: ['item:read'], boxIds: [boxId] }),
    refused: beyondOwnRights,
    succeeds: { status: 201 },
    isIdempotent: true,
  },
  { route: `GET ${K}`, needs: { act: 'api_key:read' }, places: { cursor: cursor('cursor of API keys') }, succeeds: { status: 200 } },
  { route: `GET ${K}/:apiKeyId`, needs: { act: 'api_key:read' }, places: { apiKeyId }, succeeds: { status: 200 } },
  {
    route: `DELETE ${K}/:apiKeyId`,
    needs: { act: 'api_key:manage' },
    places: { apiKeyId: { ...apiKeyId, deleted: { status: 204 } } },
    succeeds: { status: 204 },
    isIdempotent: true,
    uses: async (tenant) => ({ apiKeyId: await tenant.another('api key') }),
  },
];
