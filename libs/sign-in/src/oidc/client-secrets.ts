import { type KeyBytes, type RootKey, openBytes, sealBytes } from '#envelope';

/** The secrets with which this service proves itself to identity providers, as they are stored: each opens in its own row only. */
export class ClientSecrets {
  readonly #key: KeyBytes;

  constructor(rootKey: RootKey) {
    this.#key = rootKey.subkey('identity-provider-secrets');
  }

  seal(workspaceId: string, providerId: string, secret: string): Buffer {
    return sealBytes(this.#key, Buffer.from(secret), bindingOf(workspaceId, providerId));
  }

  /** Throws EnvelopeError `not_intact` for one of another row. */
  open(workspaceId: string, providerId: string, sealed: Buffer): string {
    const bytes = openBytes(this.#key, sealed, bindingOf(workspaceId, providerId));
    try {
      return bytes.toString();
    } finally {
      bytes.fill(0);
    }
  }
}

const bindingOf = (workspaceId: string, providerId: string): Buffer =>
  Buffer.from(JSON.stringify(['keyhold/identity-provider-secret/1', workspaceId, providerId]));
