import { expect, test } from '@jest/globals';
import { versionWarnings } from './version-warnings.js';

test.each([150_018, 160_014, 170_010, 180_004, 180_099])('PostgreSQL %d is fine', (version) => {
  expect(versionWarnings(version)).toEqual([]);
});

test.each([
  [150_017, '15.17 has known security holes: update it to 15.18'],
  [160_013, '16.14'],
  [170_009, '17.10'],
  [180_003, '18.4'],
  [140_020, 'PostgreSQL 14 is not among the versions that are tested'],
  [190_000, 'PostgreSQL 19 is not among'],
])('PostgreSQL %d comes with a warning', (version, text) => {
  expect(versionWarnings(version)).toEqual([expect.stringContaining(text)]);
});
