/** A JWE protected header as it travels. */
export function encodeHeader(header: string): string {
  return Buffer.from(header).toString('base64url');
}

/** The additional data that JWE prescribes: the ASCII of the header as it travels, not the header itself. */
export function additionalData(encodedHeader: string): Buffer {
  return Buffer.from(encodedHeader, 'latin1');
}
