import { constants, type KeyObject, publicEncrypt } from 'node:crypto';

/** RSAES_OAEP_SHA_256 of AWS KMS and RSA-OAEP-256 of JOSE: one hash for both uses, no label. Node's default hash is SHA-1. */
export const OAEP_SHA_256 = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' } as const;

export function encryptOaepSha256(publicKey: KeyObject, plaintext: Uint8Array): Buffer {
  return publicEncrypt({ key: publicKey, ...OAEP_SHA_256 }, plaintext);
}
