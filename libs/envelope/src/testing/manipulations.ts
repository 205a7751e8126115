/** The bytes with one bit changed, for each bit in turn. */
export function* flippedBits(bytes: Uint8Array): Generator<Buffer> {
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const flipped = Buffer.from(bytes);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    yield flipped;
  }
}

/** Every shorter beginning and end, and some longer ones. */
export function* otherLengths(bytes: Uint8Array): Generator<Buffer> {
  for (let length = 0; length < bytes.length; length += 1) {
    yield Buffer.from(bytes.subarray(0, length));
    yield Buffer.from(bytes.subarray(bytes.length - length));
  }
  for (const more of [1, 4, 16, 32]) {
    yield Buffer.concat([bytes, Buffer.alloc(more)]);
    yield Buffer.concat([Buffer.alloc(more), bytes]);
  }
}
