import { anEndedDelivery, webhookOrder } from '../../harness/webhook.js';
import { type Place, type Row, cursor, inPath, problem } from '../row.js';
import { type Tenant, alertEmailOf } from '../tenant.js';

const W = '/v1/workspaces/:workspaceId';
const H = `${W}/webhooks`;
const look = { act: 'webhook:read' } as const;
const manage = { act: 'webhook:manage' } as const;
const webhookId: Place = inPath('webhook', 'webhook_not_found');
const WEBHOOK_NAME = 'Made by asking';

/** A workspace can have few. */
const removeWebhooks = ({ keyhold, workspace }: Tenant): Promise<unknown> =>
  keyhold.database.asAdmin(`DELETE FROM webhook_endpoints WHERE workspace_id = $1 AND name = $2`, [workspace.id, WEBHOOK_NAME]);

const changed = (method: string, how: string, more: Partial<Row> = {}): Row => ({
  route: `${method} ${H}/:webhookId${how}`,
  needs: manage,
  places: { webhookId },
  succeeds: { status: 200 },
  isIdempotent: true,
  ...more,
});

export const ALERTS: readonly Row[] = [
  {
    route: `POST ${H}`,
    needs: manage,
    places: {},
    body: (_ids, { keyhold }) => webhookOrder(keyhold, { name: WEBHOOK_NAME }),
    succeeds: { status: 201 },
    isIdempotent: true,
    undo: removeWebhooks,
  },
  { route: `GET ${H}`, needs: look, places: { cursor: cursor('cursor of webhooks') }, succeeds: { status: 200 } },
  { route: `GET ${H}/:webhookId`, needs: look, places: { webhookId }, succeeds: { status: 200 } },
  changed('PATCH', '', { body: () => ({ enabled: true }) }),
  changed('POST', '/rotate-secret'),
  changed('POST', '/test', { succeeds: { status: 204 } }),
  changed('DELETE', '', {
    places: { webhookId: inPath('new webhook', 'webhook_not_found') },
    succeeds: { status: 204 },
    uses: async (tenant) => ({ webhookId: await tenant.another('new webhook') }),
  }),
  { route: `GET ${H}/:webhookId/deliveries`, needs: look, places: { webhookId }, succeeds: { status: 200 } },
  {
    route: `GET ${H}/:webhookId/deliveries`,
    needs: look,
    places: { webhookId: { ...webhookId, absent: problem(400, 'bad_cursor') }, cursor: cursor('cursor of deliveries') },
    succeeds: { status: 200 },
  },
  changed('POST', '/deliveries/:deliveryId/replay', {
    places: { webhookId, deliveryId: inPath('delivery', 'delivery_not_found') },
    uses: async ({ keyhold, workspace, ids }) => ({ deliveryId: await anEndedDelivery(keyhold, workspace.id, ids.webhook) }),
  }),
  { route: `GET ${W}/alert-settings`, needs: look, places: {}, succeeds: { status: 200 } },
  {
    route: `PUT ${W}/alert-settings`,
    needs: manage,
    places: {},
    body: (_ids, tenant) => ({ emails: [alertEmailOf(tenant.workspace)], eventTypes: ['job.failed'] }),
    succeeds: { status: 200 },
    isIdempotent: true,
  },
];
