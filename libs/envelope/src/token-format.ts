import { IV_BYTES, TAG_BYTES } from './aes-256-gcm.js';
import { COMMITMENT_BYTES, SALT_BYTES } from './committed-key.js';
import { EnvelopeError } from './envelope-error.js';
import { ITEM_PLAINTEXT_BYTES_MAX } from './item-envelope.js';
import { encodeHeader } from './protected-header.js';
import { assertUuids, UUID_PATTERN } from './uuid.js';

/** The protected header of a token. */
export interface TokenHeader {
  vaultId: string;
  dataKeyId: string;
  salt: Buffer;
  commitment: Buffer;
}

/** A token's parts: the header as it travels, and what is sealed. */
export interface TokenParts {
  encodedHeader: string;
  iv: Buffer;
  ciphertext: Buffer;
  tag: Buffer;
}

const BYTES_32 = '[A-Za-z0-9_-]{43}';
const HEADER = new RegExp(
  `^\\{"alg":"dir","enc":"A256GCM","typ":"keyhold","v":1,"vid":"(${UUID_PATTERN})","dk":"(${UUID_PATTERN})",` +
    `"salt":"(${BYTES_32})","cmt":"(${BYTES_32})"\\}$`,
);
const FIXED_CHARS = encodeTokenHeader({
  vaultId: '00000000-0000-0000-0000-000000000000',
  dataKeyId: '00000000-0000-0000-0000-000000000000',
  salt: Buffer.alloc(SALT_BYTES),
  commitment: Buffer.alloc(COMMITMENT_BYTES),
}).length;
const IV_CHARS = base64urlChars(IV_BYTES);
const TAG_CHARS = base64urlChars(TAG_BYTES);

/** Length of the longest token, for limits at the edge. */
export const TOKEN_CHARS_MAX = FIXED_CHARS + IV_CHARS + TAG_CHARS + base64urlChars(ITEM_PLAINTEXT_BYTES_MAX) + '....'.length;

/** The protected header as it travels. Key order is fixed. Throws `bad_binding`. */
export function encodeTokenHeader({ vaultId, dataKeyId, salt, commitment }: TokenHeader): string {
  assertUuids(vaultId, dataKeyId);
  return encodeHeader(
    `{"alg":"dir","enc":"A256GCM","typ":"keyhold","v":1,"vid":"${vaultId}","dk":"${dataKeyId}",` +
      `"salt":"${salt.toString('base64url')}","cmt":"${commitment.toString('base64url')}"}`,
  );
}

/** JWE Compact Serialization; the second part, the encrypted key, is empty with `"alg":"dir"`. */
export function encodeToken({ encodedHeader, iv, ciphertext, tag }: TokenParts): string {
  return [encodedHeader, '', iv.toString('base64url'), ciphertext.toString('base64url'), tag.toString('base64url')].join('.');
}

/** Takes exactly what `encodeToken` gives: no other header, order, spelling or padding. Throws `not_intact`. */
export function decodeToken(token: string): TokenHeader & TokenParts {
  const [encodedHeader, iv, ciphertext, tag] = tokenParts(token);
  return {
    ...decodeTokenHeader(encodedHeader),
    encodedHeader,
    iv: decodePart(iv),
    ciphertext: decodePart(ciphertext),
    tag: decodePart(tag),
  };
}

/** The header alone, from a whole token whose other parts have the right lengths. Throws `not_intact`. */
export function decodeHeaderOf(token: string): TokenHeader {
  return decodeTokenHeader(tokenParts(token)[0]);
}

function tokenParts(token: string): [header: string, iv: string, ciphertext: string, tag: string] {
  if (token.length > TOKEN_CHARS_MAX) throw new EnvelopeError('not_intact');
  const [header, encryptedKey, iv, ciphertext, tag, ...rest] = token.split('.', 6);
  const isShaped = header?.length === FIXED_CHARS && encryptedKey === '' && iv?.length === IV_CHARS && tag?.length === TAG_CHARS;
  if (!isShaped || ciphertext === undefined || rest.length > 0) throw new EnvelopeError('not_intact');
  return [header, iv, ciphertext, tag];
}

function decodeTokenHeader(encoded: string): TokenHeader {
  const [, vaultId, dataKeyId, salt, commitment] = HEADER.exec(decodePart(encoded).toString('latin1')) ?? [];
  if (!vaultId || !dataKeyId || !salt || !commitment) throw new EnvelopeError('not_intact');
  return { vaultId, dataKeyId, salt: decodePart(salt), commitment: decodePart(commitment) };
}

/** Node's decoder forgives foreign characters, padding and stray bits; one spelling per value is what remains. */
function decodePart(encoded: string): Buffer {
  const bytes = Buffer.from(encoded, 'base64url');
  if (bytes.toString('base64url') !== encoded) throw new EnvelopeError('not_intact');
  return bytes;
}

function base64urlChars(bytes: number): number {
  return Math.ceil((bytes * 4) / 3);
}
