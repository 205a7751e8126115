import { createPublicKey, generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { KEY_SPECS, type RsaSpec } from './key-spec.js';

const generate = promisify(generateKeyPair);

/** On Node's thread pool; RSA_4096 takes about 2 s. @returns PKCS #8 PEM */
export async function generateRsaPem(spec: RsaSpec): Promise<string> {
  const { privateKey } = await generate('rsa', { modulusLength: KEY_SPECS[spec].modulusBits, publicExponent: 0x10001 });
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

/** @returns DER SubjectPublicKeyInfo, base64 */
export const publicKeyOf = (privateKeyPem: string): string =>
  createPublicKey(privateKeyPem).export({ format: 'der', type: 'spki' }).toString('base64');
