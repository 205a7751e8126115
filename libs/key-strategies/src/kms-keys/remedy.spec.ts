import { describe, expect, test } from '@jest/globals';
import { CAUSES, type Failure, WARNINGS } from './causes.js';
import { remedyFor } from './remedy.js';

const facts = {
  region: 'us-west-2',
  main: 'us-east-2',
  replica: 'us-west-2',
  accountId: '111122223333',
  keyArn: 'arn:aws:kms:us-west-2:111122223333:key/mrk-2e22d3121daf471f87bee0690fadeaee',
  roleArn: 'arn:aws:iam::111122223333:role/Byok',
  principalArn: 'arn:aws:iam::999988887777:role/keyhold',
  externalId: '0197a000-0000-7000-8000-000000000001',
  action: 'kms:Encrypt',
};
const causes = [...(Object.keys(CAUSES) as Failure[]), ...WARNINGS];

describe('remedies', () => {
  test.each(causes)('%s has one, whole, with and without facts', (cause) => {
    for (const text of [remedyFor(cause, facts), remedyFor(cause, {})]) {
      expect(text).toMatch(/^\S.*\.$/s);
      expect(text).not.toMatch(/undefined|\[object/);
    }
  });

  test('a refused AssumeRole lists all three possibilities with their values', () => {
    const text = remedyFor('assume_role_refused', facts);
    for (const part of [
      'External ID',
      facts.externalId,
      'placeholder',
      'sts:AssumeRole',
      facts.principalArn,
      'must exist',
      facts.roleArn,
    ]) {
      expect(text).toContain(part);
    }
  });

  test('a missing permission names action, key, Region and role', () => {
    const text = remedyFor('encrypt_not_allowed', facts);
    for (const part of [facts.action, facts.keyArn, facts.region, facts.roleArn]) expect(text).toContain(part);
  });

  test('a missing replica is told from a missing key', () => {
    expect(remedyFor('key_not_found', facts)).toContain('replica');
    expect(remedyFor('key_not_found', { ...facts, region: 'us-east-2' })).not.toContain('replica');
  });
});
