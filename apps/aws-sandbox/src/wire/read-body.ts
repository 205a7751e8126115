import { type IncomingMessage } from 'node:http';

export const BODY_BYTES_MAX = 1024 * 1024;

export class BodyTooLarge extends Error {}

/** @throws BodyTooLarge as soon as more than BODY_BYTES_MAX bytes are announced or have come. */
export async function readBody(message: IncomingMessage): Promise<Buffer> {
  if (Number(message.headers['content-length'] ?? 0) > BODY_BYTES_MAX) throw new BodyTooLarge();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new BodyTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}
