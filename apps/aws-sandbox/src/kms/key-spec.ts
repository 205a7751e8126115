/** What each key spec the sandbox makes can do. `oaepBytesMax` is the longest plaintext per algorithm. */
export const KEY_SPECS = {
  RSA_2048: { modulusBits: 2048, oaepBytesMax: { RSAES_OAEP_SHA_1: 214, RSAES_OAEP_SHA_256: 190 } },
  RSA_3072: { modulusBits: 3072, oaepBytesMax: { RSAES_OAEP_SHA_1: 342, RSAES_OAEP_SHA_256: 318 } },
  RSA_4096: { modulusBits: 4096, oaepBytesMax: { RSAES_OAEP_SHA_1: 470, RSAES_OAEP_SHA_256: 446 } },
} as const;
export type RsaSpec = keyof typeof KEY_SPECS;
export const RSA_SPECS = Object.keys(KEY_SPECS) as readonly RsaSpec[];

export const OAEP_ALGORITHMS = ['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'] as const;
export type OaepAlgorithm = (typeof OAEP_ALGORITHMS)[number];

export const SIGNING_ALGORITHMS = [
  'RSASSA_PKCS1_V1_5_SHA_256',
  'RSASSA_PKCS1_V1_5_SHA_384',
  'RSASSA_PKCS1_V1_5_SHA_512',
  'RSASSA_PSS_SHA_256',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_512',
] as const;

export type KeySpec = RsaSpec | 'SYMMETRIC_DEFAULT';
export type KeyUsage = 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY';
export type EncryptionAlgorithm = OaepAlgorithm | 'SYMMETRIC_DEFAULT';

/** In the order AWS lists them in a ValidationException. */
export const ENCRYPTION_ALGORITHMS = ['SYMMETRIC_DEFAULT', ...OAEP_ALGORITHMS, 'SM2PKE'] as const;
export const KEY_USAGES = ['ENCRYPT_DECRYPT', 'SIGN_VERIFY', 'GENERATE_VERIFY_MAC', 'KEY_AGREEMENT'] as const;
export const ALL_KEY_SPECS = [
  'RSA_2048',
  'RSA_3072',
  'RSA_4096',
  'ECC_NIST_P256',
  'ECC_NIST_P384',
  'ECC_NIST_P521',
  'ECC_SECG_P256K1',
  'SYMMETRIC_DEFAULT',
  'HMAC_224',
  'HMAC_256',
  'HMAC_384',
  'HMAC_512',
  'SM2',
] as const;

export const isRsaSpec = (spec: string): spec is RsaSpec => Object.hasOwn(KEY_SPECS, spec);

export function encryptionAlgorithms(spec: KeySpec, usage: KeyUsage): readonly EncryptionAlgorithm[] {
  if (usage !== 'ENCRYPT_DECRYPT') return [];
  return spec === 'SYMMETRIC_DEFAULT' ? ['SYMMETRIC_DEFAULT'] : OAEP_ALGORITHMS;
}
