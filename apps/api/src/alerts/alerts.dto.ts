import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsBoolean, IsIn, IsOptional, Matches } from 'class-validator';
import { ALERT_EMAILS_MAX, DELIVERY_STATES, type DeliveryState } from '#alerts';
import type { AlertType } from '#audit';
import { Emails } from '../input/emails.js';
import { Optional } from '../input/optional.js';
import { PageQuery } from '../input/page.dto.js';
import { PlainText } from '../input/plain-text.js';
import { AlertTypes } from './alert-types.js';

const HTTPS_URL = /^https:\/\/[\x21-\x7e]{1,2040}$/;
const IS_HTTPS_URL = { message: 'must be an https URL of at most 2048 characters' };

export class CreateWebhookDto {
  /** @example "Pager" */
  @PlainText(100)
  name: string;

  /**
   * Where signed messages are posted to: https, and a public address.
   * @example "https://hooks.acme.example/keyhold"
   */
  @Matches(HTTPS_URL, IS_HTTPS_URL)
  url: string;

  /** @example ["vault.key.health_changed", "vault.key.pending_deletion_detected"] */
  @AlertTypes()
  @ArrayMinSize(1)
  eventTypes: AlertType[];
}

export class UpdateWebhookDto {
  @Optional()
  @PlainText(100, { required: false })
  name?: string;

  @Optional()
  @Matches(HTTPS_URL, IS_HTTPS_URL)
  url?: string;

  @Optional()
  @AlertTypes()
  @ArrayMinSize(1)
  eventTypes?: AlertType[];

  /** A receiver that is not enabled is told nothing; what happens meanwhile is not told afterwards. */
  @Optional()
  @IsBoolean()
  enabled?: boolean;
}

export class WebhookDto {
  id: string;
  name: string;
  url: string;
  eventTypes: string[];
  /** False also after three days in which nothing arrived. */
  enabled: boolean;
  /** RFC 3339; since when nothing has arrived there. Null when the last message did. */
  failingSince: string | null;
  /** RFC 3339; until when messages are signed under the secret before the present one as well. */
  previousSecretUntil: string | null;
  /** RFC 3339 */
  createdAt: string;
  /** RFC 3339 */
  updatedAt: string;
}

export class WebhookWithSecretDto {
  webhook: WebhookDto;
  /** `whsec_…`, with which messages are verified as Standard Webhooks says. It is in this answer and nowhere else. */
  secret: string;
}

export class WebhookPage {
  data: WebhookDto[];
  nextCursor: string | null;
}

export class DeliveriesQuery extends PageQuery {
  @IsOptional()
  @IsIn(DELIVERY_STATES)
  state?: DeliveryState;
}

/** What became of telling a receiver of one event. */
export class DeliveryDto {
  id: string;
  /** Of the event in the audit trail; the `webhook-id` of every attempt. */
  eventId: string;
  eventType: string;
  state: 'waiting' | 'delivered' | 'failed';
  attempts: number;
  /** RFC 3339; null when there will be none. */
  nextAttemptAt: string | null;
  /** RFC 3339 */
  lastAttemptAt: string | null;
  /** Of the receiver's last answer, when there was one. Nothing else of it is kept. */
  responseStatus: number | null;
  /** Why the last attempt failed: `bad_status`, `redirected`, `too_slow`, `not_reachable`, `name_not_found`, `address_not_allowed`, … */
  failure: string | null;
  /** RFC 3339 */
  createdAt: string;
  /** RFC 3339 */
  finishedAt: string | null;
}

export class DeliveryPage {
  data: DeliveryDto[];
  nextCursor: string | null;
}

export class SetAlertSettingsDto {
  /**
   * Who gets e-mail: nobody, when it is empty.
   * @example ["keys@acme.example"]
   */
  @IsArray()
  @ArrayMaxSize(ALERT_EMAILS_MAX)
  @ArrayUnique()
  @Emails()
  emails: string[];

  /**
   * Of what.
   * @example ["vault.key.health_changed", "vault.key.pending_deletion_detected"]
   */
  @AlertTypes()
  eventTypes: AlertType[];
}

export class AlertSettingsDto {
  emails: string[];
  eventTypes: string[];
  /** RFC 3339; null as long as nobody has set anything. */
  updatedAt: string | null;
}
