import { EnvelopeError, ITEM_PLAINTEXT_BYTES_MAX } from '#envelope';
import { ItemError } from './item-error.js';

/** A payload is a JSON object of the caller's own making; it is sealed as the UTF-8 of its JSON text. */
export type Payload = Readonly<Record<string, unknown>>;

/** The bytes to seal; the caller fills them with zeros afterwards. */
export function encodePayload(payload: Payload): Buffer {
  const bytes = Buffer.from(JSON.stringify(payload));
  if (bytes.length > ITEM_PLAINTEXT_BYTES_MAX) throw new ItemError('payload_too_large');
  return bytes;
}

/** Fills `bytes` with zeros. Bytes that opened but are no JSON object are not of our making. */
export function decodePayload(bytes: Buffer): Payload {
  try {
    const payload: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof payload === 'object' && payload !== null && !Array.isArray(payload)) return payload as Payload;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error; // its message would quote the plaintext
  } finally {
    bytes.fill(0);
  }
  throw new EnvelopeError('not_intact');
}
