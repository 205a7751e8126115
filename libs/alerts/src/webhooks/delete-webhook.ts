import type { RequestContext } from '#access';
import type { Database } from '#database';
import { AlertError } from '../alert-error.js';
import type { WebhookRows } from './webhook-rows.js';
import { recordOf } from './webhook-view.js';

/** Removes a receiver with what it was told and what it has not been told yet. */
export class DeleteWebhook {
  constructor(
    private readonly database: Database,
    private readonly rows: WebhookRows,
  ) {}

  async run(ctx: RequestContext, endpointId: string): Promise<null> {
    return this.database.act(ctx, async (tx) => {
      const row = await this.rows.findToChange(tx, ctx.workspaceId, endpointId);
      if (!row) throw new AlertError('webhook_not_found');
      await this.rows.delete(tx, endpointId);
      return { result: null, event: { type: 'webhook.deleted', details: recordOf(row) } };
    });
  }
}
