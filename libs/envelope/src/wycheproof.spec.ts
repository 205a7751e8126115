import { createPrivateKey, createPublicKey, type KeyObject, privateDecrypt } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { decryptGcm, encryptGcm } from './aes-256-gcm.js';
import { EnvelopeError } from './envelope-error.js';
import { hkdfSha256 } from './hkdf-sha-256.js';
import { hmacSha256, verifyHmacSha256 } from './hmac-sha-256.js';
import { KeyBytes } from './key-bytes.js';
import { encryptOaepSha256, OAEP_SHA_256 } from './oaep-sha-256.js';
import { hex } from './testing/hex.js';
import { describeWycheproof, type WycheproofTest } from './testing/wycheproof.js';
import { openToken, readTokenHeader } from './token-envelope.js';

interface GcmGroup {
  keySize: number;
  ivSize: number;
  tagSize: number;
  tests: (WycheproofTest & { key: string; iv: string; aad: string; msg: string; ct: string; tag: string })[];
}

describeWycheproof('aes_gcm_test.json', (groups: GcmGroup[]) => {
  const isOurs = (g: GcmGroup) => g.keySize === 256 && g.ivSize === 96 && g.tagSize === 128;
  const ours = groups.filter(isOurs).flatMap(({ tests }) => tests);
  const foreign = groups.filter((g) => !isOurs(g)).flatMap(({ tests }) => tests);
  const open = (t: GcmGroup['tests'][number]) =>
    decryptGcm(hex(t.key), hex(t.iv), hex(t.aad), { ciphertext: hex(t.ct), tag: hex(t.tag) }).toString('hex');

  test('agrees with all 66 vectors of a 256-bit key, a 96-bit IV and a 128-bit tag', () => {
    expect(ours).toHaveLength(66);
    for (const t of ours) {
      if (t.result !== 'valid') {
        expect(() => open(t)).toThrow(new EnvelopeError('not_intact'));
        continue;
      }
      expect(open(t)).toBe(t.msg);
      const { ciphertext, tag } = encryptGcm(hex(t.key), hex(t.iv), hex(t.aad), hex(t.msg));
      expect([ciphertext.toString('hex'), tag.toString('hex')]).toEqual([t.ct, t.tag]);
    }
  });

  test('refuses the other 250, valid as most of them are, by policy', () => {
    expect(foreign).toHaveLength(250);
    expect(foreign.filter(({ result }) => result === 'valid').length).toBeGreaterThan(150);
    for (const t of foreign) {
      expect(() => open(t)).toThrow(new EnvelopeError('not_intact'));
      expect(() => encryptGcm(hex(t.key), hex(t.iv), hex(t.aad), hex(t.msg))).toThrow('AES-256-GCM takes a 256-bit key and a 96-bit IV');
    }
  });
});

interface HkdfGroup {
  tests: (WycheproofTest & { ikm: string; salt: string; info: string; size: number; okm: string })[];
}

describeWycheproof('hkdf_sha256_test.json', (groups: HkdfGroup[]) => {
  test('agrees with all 86 vectors', () => {
    const tests = groups.flatMap(({ tests }) => tests);
    expect(tests).toHaveLength(86);
    for (const t of tests) {
      const derive = () => hkdfSha256(hex(t.ikm), hex(t.salt), hex(t.info), t.size).toString('hex');
      if (t.result === 'valid') expect(derive()).toBe(t.okm);
      else expect(derive).toThrow();
    }
  });
});

interface HmacGroup {
  tagSize: number;
  tests: (WycheproofTest & { key: string; msg: string; tag: string })[];
}

describeWycheproof('hmac_sha256_test.json', (groups: HmacGroup[]) => {
  test('agrees with all vectors of the full length, and takes a truncated MAC for none', () => {
    const tests = groups.flatMap((g) => g.tests.map((t) => ({ ...t, isFull: g.tagSize === 256 })));
    expect(tests).toHaveLength(174);
    for (const t of tests) {
      const verify = () => verifyHmacSha256(hex(t.key), hex(t.msg), hex(t.tag));
      if (t.isFull && t.result === 'valid') expect(verify).not.toThrow();
      else expect(verify).toThrow(new EnvelopeError('not_intact'));
      const isRight = hmacSha256(hex(t.key), hex(t.msg)).toString('hex').startsWith(t.tag);
      expect(isRight).toBe(t.result === 'valid');
    }
  });
});

interface OaepGroup {
  privateKeyPkcs8: string;
  tests: (WycheproofTest & { msg: string; ct: string; label: string })[];
}

describeWycheproof('rsa_oaep_4096_sha256_mgf1sha256_test.json', (groups: OaepGroup[]) => {
  test('agrees with all 37 vectors, except that a label is refused', () => {
    let count = 0;
    for (const group of groups) {
      const key = createPrivateKey({ key: hex(group.privateKeyPkcs8), format: 'der', type: 'pkcs8' });
      const open = (bytes: Buffer) => privateDecrypt({ key, ...OAEP_SHA_256 }, bytes).toString('hex');
      for (const t of group.tests) {
        count += 1;
        if (t.result !== 'valid' || t.label !== '') expect(() => open(hex(t.ct))).toThrow();
        else expect([open(hex(t.ct)), open(encryptOaepSha256(createPublicKey(key), hex(t.msg)))]).toEqual([t.msg, t.msg]);
      }
    }
    expect(count).toBe(37);
  });
});

interface JweGroup {
  private: Record<string, string>;
  tests: (WycheproofTest & { jwe: string; pt: string; enc: string })[];
}

describeWycheproof('json_web_encryption_test.json', (groups: JweGroup[]) => {
  test('takes none of the 139 for a token of ours: other algorithms, other headers, other serialisations', () => {
    const tests = groups.flatMap(({ tests }) => tests);
    expect(tests).toHaveLength(139);
    const where = { workspaceId: '0197a000-0000-7000-8000-000000000001', context: 'any' };
    for (const { jwe } of tests) {
      expect(() => readTokenHeader(jwe)).toThrow(new EnvelopeError('not_intact'));
      expect(() => openToken(jwe, KeyBytes.random(), where)).toThrow(new EnvelopeError('not_intact'));
    }
  });

  test('agrees with all vectors of the pair of algorithms of an export, RSA-OAEP-256 and A256GCM', () => {
    const ours = groups
      .filter((group) => group.private['alg'] === 'RSA-OAEP-256')
      .flatMap((group) => group.tests.map((t) => ({ ...t, key: createPrivateKey({ key: group.private, format: 'jwk' }) })))
      .filter(({ enc }) => enc === 'A256GCM');
    expect(ours.map(({ result }) => result)).toEqual(expect.arrayContaining(['valid', 'invalid']));
    for (const { jwe, pt, key, result } of ours) {
      if (result === 'valid') expect(openJwe(jwe, key)).toBe(pt);
      else expect(() => openJwe(jwe, key)).toThrow();
    }
  });
});

function openJwe(jwe: string, key: KeyObject): string {
  const [header = '', ...parts] = jwe.split('.');
  const [encryptedKey, iv, ciphertext, tag] = parts.map((part) => Buffer.from(part, 'base64url')) as [Buffer, Buffer, Buffer, Buffer];
  const contentKey = privateDecrypt({ key, ...OAEP_SHA_256 }, encryptedKey);
  return decryptGcm(contentKey, iv, Buffer.from(header), { ciphertext, tag }).toString('hex');
}
