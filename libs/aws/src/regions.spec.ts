import { describe, expect, test } from '@jest/globals';
import { AWS_REGIONS, keyArn, regionPair, serviceEndpoint } from './regions.js';
import { hostileRegions } from './testing/hostile-strings.js';

describe('Regions', () => {
  test('a pair is two Regions of the table', () => {
    expect(regionPair('us-east-2', 'us-west-2')).toEqual({ main: 'us-east-2', replica: 'us-west-2' });
  });

  test('a Region is not its own replica', () => {
    expect(() => regionPair('us-east-2', 'us-east-2')).toThrow('bad_options');
  });

  test('refuses every other text, in either place', () => {
    expect(hostileRegions.length).toBeGreaterThan(60);
    for (const text of hostileRegions) {
      expect(() => regionPair(text, 'us-west-2')).toThrow('bad_options');
      expect(() => regionPair('us-east-2', text)).toThrow('bad_options');
    }
  });

  test('endpoints are hosts of AWS’s own domain', () => {
    for (const region of AWS_REGIONS) {
      expect(new URL(serviceEndpoint('kms', region)).host).toBe(`kms.${region}.amazonaws.com`);
      expect(new URL(serviceEndpoint('sts', region)).host).toBe(`sts.${region}.amazonaws.com`);
    }
  });

  test('the ARNs of a key differ in the Region alone', () => {
    const keyId = 'mrk-2e22d3121daf471f87bee0690fadeaee';
    expect(keyArn('us-east-2', '111122223333', keyId)).toBe(`arn:aws:kms:us-east-2:111122223333:key/${keyId}`);
    expect(keyArn('us-west-2', '111122223333', keyId)).toBe(`arn:aws:kms:us-west-2:111122223333:key/${keyId}`);
  });
});
