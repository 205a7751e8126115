import type { Provider } from '@nestjs/common';
import { RowMacs } from '#access';
import {
  AlertSettings,
  AlertSettingsRows,
  CreateWebhook,
  DeleteWebhook,
  ReplayDelivery,
  RotateWebhookSecret,
  TestWebhook,
  UpdateWebhook,
  WebhookRows,
  WebhookSecrets,
  WebhookTargets,
} from '#alerts';
import { Database } from '#database';
import { RootKey } from '#envelope';
import { OutboundAddresses } from '#outbound';
import type { Settings } from '../config/read-settings.js';
import { madeOf } from '../made-of.js';

/** Who is told of what happens to keys. Telling them is the worker's. */
export function alertFeatures({ config }: Settings): Provider[] {
  const privateOrigins: ReadonlySet<string> = new Set(config.privateWebhookOrigins);
  return [
    madeOf(WebhookRows, RowMacs),
    madeOf(WebhookSecrets, RootKey),
    { provide: WebhookTargets, useFactory: () => new WebhookTargets(new OutboundAddresses(privateOrigins), privateOrigins) },
    madeOf(CreateWebhook, Database, WebhookRows, WebhookSecrets, WebhookTargets),
    madeOf(UpdateWebhook, Database, WebhookRows, WebhookTargets),
    madeOf(DeleteWebhook, Database, WebhookRows),
    {
      provide: RotateWebhookSecret,
      inject: [Database, WebhookRows, WebhookSecrets],
      useFactory: (...parts: [Database, WebhookRows, WebhookSecrets]) => new RotateWebhookSecret(...parts),
    },
    madeOf(TestWebhook, Database, WebhookRows),
    madeOf(ReplayDelivery, Database, WebhookRows),
    madeOf(AlertSettingsRows, RowMacs),
    madeOf(AlertSettings, Database, AlertSettingsRows),
  ];
}
