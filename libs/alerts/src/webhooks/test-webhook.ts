import type { RequestContext } from '#access';
import type { Database } from '#database';
import { AlertError } from '../alert-error.js';
import type { WebhookRows } from './webhook-rows.js';
import { recordOf } from './webhook-view.js';

/** Has one receiver told that it was tested, in the way of every alert. */
export class TestWebhook {
  constructor(
    private readonly database: Database,
    private readonly rows: WebhookRows,
  ) {}

  /** Throws AlertError `webhook_not_found` and `webhook_disabled`. */
  async run(ctx: RequestContext, endpointId: string): Promise<null> {
    return this.database.act(ctx, async (tx) => {
      const row = await this.rows.find(tx, ctx.workspaceId, endpointId);
      if (!row) throw new AlertError('webhook_not_found');
      if (!row.is_enabled) throw new AlertError('webhook_disabled');
      return { result: null, event: { type: 'webhook.tested', details: recordOf(row) } };
    });
  }
}
