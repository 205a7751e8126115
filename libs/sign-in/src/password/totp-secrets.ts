import { EnvelopeError, type KeyBytes, type RootKey, openBytes, sealBytes } from '#envelope';

/** Whose secret it is; another member's row cannot borrow it. */
interface Whose {
  workspaceId: string;
  memberId: string;
}

/** The secrets of authenticators, sealed: in a member's row, and on their way through the browser while one is being set up. */
export class TotpSecrets {
  readonly #key: KeyBytes;

  constructor(rootKey: RootKey) {
    this.#key = rootKey.subkey('totp-secrets');
  }

  seal(whose: Whose, secret: Buffer): Buffer {
    return sealBytes(this.#key, secret, binding('member', whose));
  }

  open(whose: Whose, sealed: Buffer): Buffer {
    return openBytes(this.#key, sealed, binding('member', whose));
  }

  /** base64url. `occasion` is what it is set up for, such as one invitation: for another it is nothing. */
  sealSetUp(whose: Whose, occasion: string, secret: Buffer): string {
    return sealBytes(this.#key, secret, binding('set-up', whose, occasion)).toString('base64url');
  }

  /** Undefined when it was not sealed here for this. */
  openSetUp(whose: Whose, occasion: string, sealed: string): Buffer | undefined {
    try {
      return openBytes(this.#key, Buffer.from(sealed, 'base64url'), binding('set-up', whose, occasion));
    } catch (error) {
      if (error instanceof EnvelopeError) return undefined;
      throw error;
    }
  }
}

function binding(use: 'member' | 'set-up', { workspaceId, memberId }: Whose, occasion = ''): Buffer {
  return Buffer.from(JSON.stringify(['keyhold/totp/1', use, workspaceId, memberId, occasion]));
}
