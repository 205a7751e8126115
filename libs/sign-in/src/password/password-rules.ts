import { COMMON_WORDS } from './common-words.js';
import { SignInError } from '../sign-in-error.js';

const CHARACTERS_MIN = 12;
const CHARACTERS_MAX = 256;
/** So much must be left of a password without what anybody would try first. */
const OWN_CHARACTERS_MIN = 6;
const DIFFERENT_CHARACTERS_MIN = 5;
/** Shorter words say too little to count against a password. */
const WORD_CHARACTERS_MIN = 3;

/** Whose password it will be: their own words make a weak one. */
export interface PasswordOwner {
  email: string;
  workspaceName: string;
}

/** Throws `password_not_acceptable`. `field` is what the caller calls it. */
export function requireGoodPassword(password: string, owner: PasswordOwner, field: string): void {
  const message = faultOf(password.normalize('NFKC'), owner);
  if (message !== undefined) throw new SignInError('password_not_acceptable', { facts: { errors: [{ field, message }] } });
}

function faultOf(password: string, owner: PasswordOwner): string | undefined {
  const length = Array.from(password).length;
  if (!password.isWellFormed() || length < CHARACTERS_MIN || length > CHARACTERS_MAX)
    return `must be ${CHARACTERS_MIN} to ${CHARACTERS_MAX} characters`;
  return isGuessed(password.toLowerCase(), owner)
    ? 'is too easy to guess: common words, rows of keys, your own address or workspace'
    : undefined;
}

function isGuessed(password: string, owner: PasswordOwner): boolean {
  if (new Set(password).size < DIFFERENT_CHARACTERS_MIN) return true;
  const words = [...wordsOf(owner), ...COMMON_WORDS].toSorted((a, b) => b.length - a.length);
  const rest = words.reduce((left, word) => left.replaceAll(word, ''), password);
  return rest.replaceAll(/[^\p{L}\p{N}]/gu, '').length < OWN_CHARACTERS_MIN && rest.length < password.length;
}

/** An address and a name, whole and in parts. */
function wordsOf({ email, workspaceName }: PasswordOwner): string[] {
  const whole = [email, workspaceName].map((text) => text.normalize('NFKC').toLowerCase());
  const parts = whole.flatMap((text) => text.split(/[^\p{L}\p{N}]+/u));
  return [...whole, ...parts].filter((word) => word.length >= WORD_CHARACTERS_MIN);
}
