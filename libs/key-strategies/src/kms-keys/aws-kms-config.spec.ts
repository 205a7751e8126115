import { describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { KeyStrategyError } from '../contract.js';
import { parseConfig, parseTarget, pinned } from './aws-kms-config.js';
import { hostileAccountIds, hostileKeyIds, hostileRoleArns } from '../../../aws/src/testing/hostile-strings.js';

const target = {
  accountId: '111122223333',
  keyId: 'mrk-2e22d3121daf471f87bee0690fadeaee',
  roleArn: 'arn:aws:iam::111122223333:role/Byok',
};

/** The cause with which an input is refused. */
function causeOf(input: unknown, parse: (input: unknown) => unknown = parseTarget): string {
  try {
    parse(input);
  } catch (error) {
    if (error instanceof KeyStrategyError && error.code === 'bad_config') return error.facts.cause;
    throw error;
  }
  return 'accepted';
}

describe('what a customer types', () => {
  test('is an account, a key and a role', () => {
    expect(parseTarget(target)).toEqual(target);
  });

  test.each(['Byok', 'a', 'Aa0+=,.@_-', 'service-role/deep/Byok', 'a'.repeat(64)])('may name the role %s', (name) => {
    const roleArn = `arn:aws:iam::111122223333:role/${name}`;
    expect(parseTarget({ ...target, roleArn })).toEqual({ ...target, roleArn });
  });

  test('is refused with any hostile text in any field', () => {
    const corpus = [
      ...hostileAccountIds.map((accountId) => [{ ...target, accountId }, 'account_id_invalid'] as const),
      ...hostileKeyIds.map((keyId) => [{ ...target, keyId }, 'key_id_invalid'] as const),
      ...hostileRoleArns.map((roleArn) => [{ ...target, roleArn }, 'role_arn_invalid'] as const),
    ];
    expect(corpus.length).toBeGreaterThan(200);
    expect(corpus.filter(([input, cause]) => causeOf(input) !== cause)).toEqual([]);
  });

  test.each([undefined, null, 0, true, '', [], {}, ['111122223333'], { toString: () => '111122223333' }])('is text, not %p', (value) => {
    expect(causeOf({ ...target, accountId: value })).toBe('account_id_invalid');
    expect(causeOf({ ...target, keyId: value })).toBe('key_id_invalid');
    expect(causeOf({ ...target, roleArn: value })).toBe('role_arn_invalid');
  });

  test.each([undefined, null, 0, '', 'text', [], [target]])('is an object, not %p', (input) => {
    expect(causeOf(input)).toBe('config_invalid');
  });

  test('agrees with itself about the account', () => {
    expect(causeOf({ ...target, roleArn: 'arn:aws:iam::111122224444:role/Byok' })).toBe('account_mismatch');
  });

  test.each(['region', 'endpoint', 'externalId', 'publicKey', 'fingerprint', 'constructor'])('has no field %s', (field) => {
    expect(causeOf({ ...target, [field]: 'us-east-2' })).toBe('unknown_field');
  });

  test('is never quoted in the refusal', () => {
    const planted = 'planted-text';
    for (const field of ['accountId', 'keyId', 'roleArn'] as const) {
      expect(() => parseTarget({ ...target, [field]: planted })).not.toThrow(planted);
    }
  });
});

describe('what is stored', () => {
  const spki = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'der', type: 'spki' });
  const config = pinned(target, spki);

  test('carries the key that was pinned and its fingerprint', () => {
    expect(parseConfig(JSON.parse(JSON.stringify(config)))).toEqual(config);
    expect(Buffer.from(config.publicKey, 'base64')).toEqual(spki);
    expect(config.fingerprint).toMatch(/^[0-9a-f]{64}$/);
  });

  test('is read without a pin before registration succeeded', () => {
    expect(parseConfig(target)).toEqual(target);
  });

  test('is refused with half a pin or with a key that is not the fingerprint’s', () => {
    const { publicKey, fingerprint } = config;
    expect(causeOf({ ...target, publicKey }, parseConfig)).toBe('config_invalid');
    expect(causeOf({ ...target, fingerprint }, parseConfig)).toBe('config_invalid');
    expect(causeOf({ ...config, fingerprint: '0'.repeat(64) }, parseConfig)).toBe('config_invalid');
    expect(causeOf({ ...config, publicKey: `A${publicKey.slice(1)}` }, parseConfig)).toBe('config_invalid');
  });
});
