import { randomBytes } from 'node:crypto';
import { type KeyBytes, type RootKey, openBytes, sealBytes } from '#envelope';

const SECRET_BYTES = 32;

/** As Standard Webhooks writes it. Shown once. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;

/** The secrets under which messages are signed, as they are stored: each opens in its own row only. */
export class WebhookSecrets {
  readonly #key: KeyBytes;

  constructor(rootKey: RootKey) {
    this.#key = rootKey.subkey('webhook-secrets');
  }

  seal(workspaceId: string, endpointId: string, secret: string): Buffer {
    return sealBytes(this.#key, Buffer.from(secret), bindingOf(workspaceId, endpointId));
  }

  /** Throws EnvelopeError `not_intact` for one of another row. */
  open(workspaceId: string, endpointId: string, sealed: Buffer): string {
    const bytes = openBytes(this.#key, sealed, bindingOf(workspaceId, endpointId));
    try {
      return bytes.toString();
    } finally {
      bytes.fill(0);
    }
  }
}

const bindingOf = (workspaceId: string, endpointId: string): Buffer =>
  Buffer.from(JSON.stringify(['keyhold/webhook-secret/1', workspaceId, endpointId]));
