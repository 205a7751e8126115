import { randomUUIDv7 } from 'node:crypto';
import type { RequestContext } from '#access';
import type { AlertType } from '#audit';
import type { Database } from '#database';
import { AlertError } from '../alert-error.js';
import type { WebhookRows } from './webhook-rows.js';
import { type WebhookSecrets, newWebhookSecret } from './webhook-secrets.js';
import type { WebhookTargets } from './webhook-targets.js';
import { type WebhookView, recordOf, webhookView } from './webhook-view.js';

export interface WebhookOrder {
  name: string;
  url: string;
  eventTypes: readonly AlertType[];
}

/** A receiver with the secret that its messages are signed with. */
export interface WebhookWithSecret {
  webhook: WebhookView;
  secret: string;
}

export class CreateWebhook {
  constructor(
    private readonly database: Database,
    private readonly rows: WebhookRows,
    private readonly secrets: WebhookSecrets,
    private readonly targets: WebhookTargets,
  ) {}

  /** Throws AlertError `webhook_url_rejected` and `webhook_limit`. */
  async run(ctx: RequestContext, { name, url, eventTypes }: WebhookOrder): Promise<WebhookWithSecret> {
    await this.targets.assertAllowed(url);
    const [endpointId, secret] = [randomUUIDv7(), newWebhookSecret()];
    const facts = {
      endpoint_id: endpointId,
      name,
      url,
      event_types: eventTypes,
      is_enabled: true,
      secret_sealed: this.secrets.seal(ctx.workspaceId, endpointId, secret),
      previous_secret_sealed: null,
      previous_secret_until: null,
    };
    return this.database.act(ctx, async (tx) => {
      const row = await this.rows.insert(tx, ctx.workspaceId, facts);
      if (!row) throw new AlertError('webhook_limit');
      return { result: { webhook: webhookView(row), secret }, event: { type: 'webhook.created', details: recordOf(row) } };
    });
  }
}
