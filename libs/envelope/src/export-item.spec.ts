import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { flattenedDecrypt } from 'jose';
import { EnvelopeError } from './envelope-error.js';
import { exportItem, type FlattenedJwe } from './export-item.js';
import { sealItem } from './item-envelope.js';
import { KeyBytes } from './key-bytes.js';
import { anItemBinding } from './testing/bindings.js';

const plaintext = Buffer.from('{"username":"ops","password":"correct horse"}');
const dataKey = KeyBytes.random();
const sealed = sealItem(plaintext, dataKey, anItemBinding);
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 3072 });
const keyId = 'arn:aws:kms:us-east-2:111122223333:key/mrk-0123456789abcdef0123456789abcdef';
const recipient = { publicKeySpki: publicKey.export({ format: 'der', type: 'spki' }), keyId };
const anExport = () => exportItem(sealed, dataKey, anItemBinding, recipient);

describe('an exported item', () => {
  test('opens with jose and the private key, and names key and binding', async () => {
    const { plaintext: opened, protectedHeader, unprotectedHeader } = await flattenedDecrypt(anExport(), privateKey);
    expect(Buffer.from(opened)).toEqual(plaintext);
    expect(unprotectedHeader).toEqual({ alg: 'RSA-OAEP-256', kid: keyId });
    const { workspaceId: wid, vaultId: vid, itemId: iid, version: ver, dataKeyId: dk } = anItemBinding;
    expect(protectedHeader).toEqual({ enc: 'A256GCM', typ: 'keyhold', v: 1, wid, vid, iid, ver, dk });
  });

  test('does not open with jose once its binding, or any other part, is changed', async () => {
    const jwe = anExport();
    for (const part of ['protected', 'encrypted_key', 'iv', 'ciphertext', 'tag'] as const) {
      const bytes = Buffer.from(jwe[part], 'base64url');
      bytes.writeUInt8(bytes.readUInt8(bytes.length - 3) ^ 1, bytes.length - 3);
      await expect(flattenedDecrypt({ ...jwe, [part]: bytes.toString('base64url') }, privateKey)).rejects.toThrow();
    }
  });

  test('opens with the openssl command, key and contents', () => {
    if (spawnSync('openssl', ['version']).error) console.log('skipped: there is no openssl command on this machine');
    else expect(openWithOpenssl(anExport())).toEqual(plaintext);
  });

  test('wraps the key of this version alone: nothing in it opens another version', async () => {
    const jwe = anExport();
    const next = sealItem(plaintext, dataKey, { ...anItemBinding, version: 2 });
    const mixed = {
      ...jwe,
      iv: next.iv.toString('base64url'),
      ciphertext: next.ciphertext.toString('base64url'),
      tag: next.tag.toString('base64url'),
    };
    await expect(flattenedDecrypt(mixed, privateKey)).rejects.toThrow();
  });

  test('is refused for another place, another data key or a changed commitment', () => {
    const refused = [
      () => exportItem(sealed, dataKey, { ...anItemBinding, version: 2 }, recipient),
      () => exportItem(sealed, KeyBytes.random(), anItemBinding, recipient),
      () => exportItem({ ...sealed, commitment: Buffer.alloc(32) }, dataKey, anItemBinding, recipient),
    ];
    for (const attempt of refused) expect(attempt).toThrow(new EnvelopeError('not_intact'));
  });

  test('is refused for a recipient that is no RSA key of 3072 bits or more', () => {
    const small = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey;
    for (const key of [small, curve]) {
      const publicKeySpki = key.export({ format: 'der', type: 'spki' });
      expect(() => exportItem(sealed, dataKey, anItemBinding, { publicKeySpki, keyId })).toThrow(TypeError);
    }
  });
});

/**
 * What the command line can do: RSA-OAEP for the item key, and the counter mode inside GCM (whose first block of text has counter
 * 2). It has no command that verifies a GCM tag; jose does.
 */
function openWithOpenssl(jwe: FlattenedJwe): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'keyhold-export-'));
  try {
    const keyFile = join(folder, 'key.pem');
    writeFileSync(keyFile, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
    const oaep = ['-pkeyopt', 'rsa_padding_mode:oaep', '-pkeyopt', 'rsa_oaep_md:sha256', '-pkeyopt', 'rsa_mgf1_md:sha256'];
    const itemKey = openssl(['pkeyutl', '-decrypt', '-inkey', keyFile, ...oaep], jwe.encrypted_key);
    const counter = `${Buffer.from(jwe.iv, 'base64url').toString('hex')}00000002`;
    return openssl(['enc', '-d', '-aes-256-ctr', '-K', itemKey.toString('hex'), '-iv', counter], jwe.ciphertext);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function openssl(args: readonly string[], input: string): Buffer {
  return execFileSync('openssl', args, { input: Buffer.from(input, 'base64url'), timeout: 10_000 });
}
