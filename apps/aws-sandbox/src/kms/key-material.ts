import { randomBytes, randomUUID } from 'node:crypto';
import { type KeyMaterial } from './key.js';
import { type KeyPool } from './key-pool.js';
import { type KeySpec } from './key-spec.js';
import { publicKeyOf } from './rsa-key-pair.js';

/** `mrk-` ids have no dashes, the others do. */
export const newKeyId = (multiRegion: boolean): string => (multiRegion ? `mrk-${randomUUID().replaceAll('-', '')}` : randomUUID());

export async function newMaterial(pool: KeyPool, spec: KeySpec): Promise<KeyMaterial> {
  if (spec === 'SYMMETRIC_DEFAULT') {
    return { kind: 'symmetric', secret: randomBytes(32).toString('base64'), materialId: randomBytes(32).toString('hex') };
  }
  const privateKeyPem = await pool.draw(spec);
  return { kind: 'rsa', privateKeyPem, publicKey: publicKeyOf(privateKeyPem) };
}
