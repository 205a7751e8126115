import { describe, expect, test } from '@jest/globals';
import { type KeyDescription, regionPair } from '#aws';
import { checkDescription } from './check-description.js';

const regions = regionPair('us-east-2', 'us-west-2');
const primary: KeyDescription = {
  state: 'Enabled',
  usage: 'ENCRYPT_DECRYPT',
  spec: 'RSA_4096',
  origin: 'AWS_KMS',
  isMultiRegion: true,
  multiRegionType: 'PRIMARY',
  primaryRegion: 'us-east-2',
};
const replica: KeyDescription = { ...primary, multiRegionType: 'REPLICA' };

const causesIn = (region: 'us-east-2' | 'us-west-2', description: KeyDescription) =>
  checkDescription(description, region, regions).map(({ ok, cause }) => [ok, cause]);

describe('a key’s description', () => {
  test('passes for the primary in the main Region and the replica in the other', () => {
    expect(causesIn('us-east-2', primary)).toEqual([[true, undefined]]);
    expect(causesIn('us-west-2', replica)).toEqual([[true, undefined]]);
  });

  test.each<[string, Partial<KeyDescription>, string]>([
    ['disabled', { state: 'Disabled' }, 'key_disabled'],
    ['pending deletion', { state: 'PendingDeletion' }, 'key_pending_deletion'],
    ['pending replica deletion', { state: 'PendingReplicaDeletion' }, 'key_pending_deletion'],
    ['without material', { state: 'PendingImport' }, 'key_not_usable'],
    ['unavailable', { state: 'Unavailable' }, 'key_not_usable'],
    ['in a state unknown to us', { state: 'Dreaming' }, 'key_not_usable'],
    ['without a state', { state: '' }, 'key_not_usable'],
    ['still being created', { state: 'Creating' }, 'key_not_ready'],
    ['for signing', { usage: 'SIGN_VERIFY' }, 'key_usage_not_encrypt'],
    ['symmetric', { spec: 'SYMMETRIC_DEFAULT' }, 'key_spec_not_rsa'],
    ['elliptic', { spec: 'ECC_NIST_P256' }, 'key_spec_not_rsa'],
    ['named as an object property', { spec: 'constructor' }, 'key_spec_not_rsa'],
    ['small', { spec: 'RSA_2048' }, 'key_too_small'],
    ['single-Region', { isMultiRegion: false }, 'key_not_multi_region'],
    ['a replica where the primary belongs', { multiRegionType: 'REPLICA' }, 'primary_in_wrong_region'],
    ['of a primary elsewhere', { primaryRegion: 'eu-west-1' }, 'primary_in_wrong_region'],
  ])('fails for a key that is %s', (_case, change, cause) => {
    expect(causesIn('us-east-2', { ...primary, ...change })).toEqual([[false, cause]]);
  });

  test('fails for a primary where the replica belongs', () => {
    expect(causesIn('us-west-2', { ...primary, primaryRegion: 'us-west-2' })).toEqual([[false, 'primary_in_wrong_region']]);
  });

  test('passes with a reservation for RSA_3072 and for imported material', () => {
    expect(causesIn('us-east-2', { ...primary, spec: 'RSA_3072' })).toEqual([[true, 'key_spec_rsa_3072']]);
    expect(causesIn('us-east-2', { ...primary, origin: 'EXTERNAL' })).toEqual([[true, 'key_material_imported']]);
  });

  test('passes while the primary Region is changing, because cryptography goes on', () => {
    expect(causesIn('us-east-2', { ...primary, state: 'Updating' })).toEqual([[true, undefined]]);
  });

  test('tells everything that is wrong at once', () => {
    const wrong = { ...primary, state: 'Disabled', usage: 'SIGN_VERIFY', spec: 'RSA_2048', isMultiRegion: false };
    expect(causesIn('us-east-2', wrong).map(([, cause]) => cause)).toEqual([
      'key_disabled',
      'key_usage_not_encrypt',
      'key_too_small',
      'key_not_multi_region',
    ]);
  });
});
