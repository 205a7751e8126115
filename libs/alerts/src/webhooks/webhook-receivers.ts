import type { AuditEventView } from '#audit';
import type { Database } from '#database';
import type { StoredDelivery } from '../deliveries/delivery-store.js';
import type { Outcome, Receivers } from '../deliveries/receivers.js';
import { isFinal } from '../deliveries/retries.js';
import { messageOf, signedHeaders } from './webhook-message.js';
import type { WebhookRow, WebhookRows } from './webhook-rows.js';
import type { WebhookSecrets } from './webhook-secrets.js';
import type { WebhookTransport } from './webhook-transport.js';

const GONE = 410;

/** Tells receivers by signed messages. The event's id is the message's, over all attempts and replays. */
export class WebhookReceivers implements Receivers {
  constructor(
    private readonly database: Database,
    private readonly rows: WebhookRows,
    private readonly secrets: WebhookSecrets,
    private readonly transport: WebhookTransport,
  ) {}

  async deliver(workspaceId: string, { endpoint_id }: StoredDelivery, event: AuditEventView, at: Date): Promise<Outcome> {
    const webhook = await this.database.read({ workspaceId }, (tx) => this.rows.find(tx, workspaceId, endpoint_id ?? ''));
    if (!webhook?.is_enabled) return { ok: false, failure: 'webhook_disabled', isFinal: true };
    const body = messageOf(workspaceId, event);
    const headers = signedHeaders(event.id, at, body, this.#secretsOf(workspaceId, webhook, at));
    const answer = await this.transport.post(webhook.url, headers, body);
    if (answer.ok) return answer;
    return { ...answer, isFinal: isFinal(answer.status), isGone: answer.status === GONE };
  }

  /** The present one first. */
  #secretsOf(workspaceId: string, webhook: WebhookRow, at: Date): string[] {
    const { endpoint_id, secret_sealed, previous_secret_sealed: previous, previous_secret_until: until } = webhook;
    const sealed = previous && until && until > at ? [secret_sealed, previous] : [secret_sealed];
    return sealed.map((secret) => this.secrets.open(workspaceId, endpoint_id, secret));
  }
}
