export { AlertError, type AlertErrorCode } from './alert-error.js';
export { DeliverAlerts, type DeliverAlertsOptions } from './deliveries/deliver-alerts.js';
export { type DeliveryChannel, deliveryEnds } from './deliveries/delivery-ends.js';
export {
  DELIVERY_STATES,
  type DeliveryPosition,
  type DeliveryState,
  listDeliveries,
} from './deliveries/delivery-store.js';
export { type DeliveryView, deliveryView } from './deliveries/delivery-view.js';
export { ReplayDelivery } from './deliveries/replay-delivery.js';
export { type MailSettings, Mailer } from './mail/mailer.js';
export { MailReceivers } from './mail/mail-receivers.js';
export { AlertSettings, type AlertSettingsView } from './settings/alert-settings.js';
export { ALERT_EMAILS_MAX, AlertSettingsRows } from './settings/alert-settings-rows.js';
export { CreateWebhook, type WebhookWithSecret } from './webhooks/create-webhook.js';
export { DeleteWebhook } from './webhooks/delete-webhook.js';
export { RotateWebhookSecret } from './webhooks/rotate-webhook-secret.js';
export { TestWebhook } from './webhooks/test-webhook.js';
export { UpdateWebhook } from './webhooks/update-webhook.js';
export { WebhookReceivers } from './webhooks/webhook-receivers.js';
export { WebhookRows } from './webhooks/webhook-rows.js';
export { WebhookSecrets } from './webhooks/webhook-secrets.js';
export { WebhookTargets } from './webhooks/webhook-targets.js';
export { WebhookTransport } from './webhooks/webhook-transport.js';
export { type WebhookView, webhookView } from './webhooks/webhook-view.js';
