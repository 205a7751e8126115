import { createHmac, randomInt, timingSafeEqual } from 'node:crypto';
import type { KeyBytes, RootKey } from '#envelope';

const CODES = 10;
/** Without the letters that are taken for digits: 16 of them are 80 bits. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const GROUPS = 4;
const GROUP_CHARACTERS = 4;

interface Whose {
  workspaceId: string;
  memberId: string;
}

/** For whom the authenticator is lost: each code takes its place once. What is kept of them cannot be turned back. */
export class RecoveryCodes {
  readonly #key: KeyBytes;

  constructor(rootKey: RootKey) {
    this.#key = rootKey.subkey('recovery-codes');
  }

  mint(whose: Whose): { codes: string[]; hmacs: Buffer[] } {
    const codes = Array.from({ length: CODES }, newCode);
    return { codes, hmacs: codes.map((code) => this.#hmac(whose, code)) };
  }

  /** The HMAC of the code, when it is one of these. */
  find(whose: Whose, hmacs: readonly Buffer[], code: string): Buffer | undefined {
    const given = this.#hmac(whose, code);
    return hmacs.find((hmac) => timingSafeEqual(hmac, given));
  }

  #hmac({ workspaceId, memberId }: Whose, code: string): Buffer {
    const text = JSON.stringify([workspaceId, memberId, sameCode(code)]);
    return createHmac('sha256', this.#key.expose()).update(text).digest();
  }
}

function newCode(): string {
  const group = () => Array.from({ length: GROUP_CHARACTERS }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  return Array.from({ length: GROUPS }, group).join('-');
}

/** However it is typed: large or small, with or without what divides it, and with letters that it does not have. */
const sameCode = (code: string): string => code.toLowerCase().replaceAll(/[\s-]/g, '').replaceAll('o', '0').replaceAll(/[il]/g, '1');
