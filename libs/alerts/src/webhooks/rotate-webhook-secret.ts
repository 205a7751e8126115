import type { RequestContext } from '#access';
import type { Database } from '#database';
import { AlertError } from '../alert-error.js';
import type { WebhookWithSecret } from './create-webhook.js';
import type { WebhookRows } from './webhook-rows.js';
import { type WebhookSecrets, newWebhookSecret } from './webhook-secrets.js';
import { recordOf, webhookView } from './webhook-view.js';

/** How long messages carry a signature under each of two secrets. */
const BOTH_FOR_MS = 24 * 60 * 60 * 1000;

/** Gives a receiver a new secret. The one before it signs as well for 24 hours; one before that no more. */
export class RotateWebhookSecret {
  constructor(
    private readonly database: Database,
    private readonly rows: WebhookRows,
    private readonly secrets: WebhookSecrets,
    private readonly now: () => number = Date.now,
  ) {}

  async run(ctx: RequestContext, endpointId: string): Promise<WebhookWithSecret> {
    const secret = newWebhookSecret();
    return this.database.act(ctx, async (tx) => {
      const before = await this.rows.findToChange(tx, ctx.workspaceId, endpointId);
      if (!before) throw new AlertError('webhook_not_found');
      const row = await this.rows.update(tx, ctx.workspaceId, {
        ...before,
        secret_sealed: this.secrets.seal(ctx.workspaceId, endpointId, secret),
        previous_secret_sealed: before.secret_sealed,
        previous_secret_until: new Date(this.now() + BOTH_FOR_MS),
      });
      return { result: { webhook: webhookView(row), secret }, event: { type: 'webhook.secret_rotated', details: recordOf(row) } };
    });
  }
}
