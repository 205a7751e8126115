import { EMPTY, type Place, type Row, cursor, filter } from '../row.js';

const route = 'GET /v1/workspaces/:workspaceId/audit-events';

/** Each filter in a request of its own: together they might find nothing in any case. Receipts of purges name nodes. */
const asked = (places: Record<string, Place>): Row => ({
  route,
  needs: { act: 'audit:read' },
  places,
  succeeds: { status: 200 },
  tells: ({ nodeIds }) => nodeIds,
});

export const AUDIT_EVENTS: readonly Row[] = [
  asked({ cursor: cursor('cursor of audit events') }),
  asked({ vaultId: { ...filter('vault'), deleted: { status: 200 } } }),
  asked({ itemId: { ...filter('item'), deleted: { status: 200 } } }),
  asked({ boxId: filter('box') }),
  asked({ principalId: { ...filter('principal'), malformed: EMPTY } }),
  asked({ requestId: filter('request') }),
];
