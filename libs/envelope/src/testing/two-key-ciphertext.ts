import { createCipheriv } from 'node:crypto';
import type { Encrypted } from '../aes-256-gcm.js';

/**
 * A ciphertext that AES-256-GCM opens under both keys with one IV and one tag ("invisible salamanders", Dodis et al. 2018).
 * The authentication is a polynomial over GF(2^128); one free block is chosen so that both polynomials give the same tag.
 */
export function twoKeyCiphertext(keys: readonly [Buffer, Buffer], iv: Buffer, aad: Buffer, blocks: number): Encrypted {
  const ciphertext = Buffer.alloc(blocks * 16, 0x5a);
  const free = ciphertext.subarray(-16).fill(0);
  const [h1, h2] = keys.map(hashKey) as [bigint, bigint];
  const difference = keys.map((key) => tagOf(key, iv, aad, ciphertext)).reduce((a, b) => a ^ b, 0n);
  // the last block is multiplied by h²: once for itself, once for the block of lengths behind it
  writeBlock(free, multiply(difference, invert(multiply(h1, h1) ^ multiply(h2, h2))));
  const tag = Buffer.alloc(16);
  writeBlock(tag, tagOf(keys[0], iv, aad, ciphertext));
  return { ciphertext, tag };
}

function tagOf(key: Buffer, iv: Buffer, aad: Buffer, ciphertext: Buffer): bigint {
  const h = hashKey(key);
  const lengths = Buffer.alloc(16);
  lengths.writeBigUInt64BE(BigInt(aad.length * 8));
  lengths.writeBigUInt64BE(BigInt(ciphertext.length * 8), 8);
  const padding = Buffer.alloc((16 - (aad.length % 16)) % 16);
  const input = Buffer.concat([aad, padding, ciphertext, lengths]);
  let hash = 0n;
  for (let at = 0; at < input.length; at += 16) hash = multiply(hash ^ readBlock(input, at), h);
  return hash ^ encryptBlock(key, Buffer.concat([iv, Buffer.from([0, 0, 0, 1])]));
}

const hashKey = (key: Buffer): bigint => encryptBlock(key, Buffer.alloc(16));

function encryptBlock(key: Buffer, block: Buffer): bigint {
  return readBlock(createCipheriv('aes-256-ecb', key, null).update(block), 0);
}

/** In GF(2^128) as GCM writes it: the first bit is the lowest power, x^128 = x^7 + x^2 + x + 1. */
function multiply(a: bigint, b: bigint): bigint {
  let product = 0n;
  let shifted = b;
  for (let bit = 127n; bit >= 0n; bit -= 1n) {
    if ((a >> bit) & 1n) product ^= shifted;
    shifted = shifted & 1n ? (shifted >> 1n) ^ (0xe1n << 120n) : shifted >> 1n;
  }
  return product;
}

/** a^(2^128 - 2), by Fermat. */
function invert(a: bigint): bigint {
  let power = multiply(a, a);
  let result = power;
  for (let i = 0; i < 126; i += 1) {
    power = multiply(power, power);
    result = multiply(result, power);
  }
  return result;
}

function readBlock(bytes: Buffer, at: number): bigint {
  return (bytes.readBigUInt64BE(at) << 64n) | bytes.readBigUInt64BE(at + 8);
}

function writeBlock(bytes: Buffer, block: bigint): void {
  bytes.writeBigUInt64BE(block >> 64n);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, block), 8);
}
