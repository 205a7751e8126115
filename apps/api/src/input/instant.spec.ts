import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import { validateSync } from 'class-validator';
import { IsInstant } from './instant.js';

class Query {
  @IsInstant()
  at: string;
}

const isTaken = (at: string) => validateSync(Object.assign(new Query(), { at })).length === 0;

describe('a moment in a query', () => {
  test.each(['2026-01-31T12:00:00Z', '2024-02-29T23:59:59.123456Z', '0001-01-01T00:00:00+14:00', '9999-12-31T23:59:59-14:00'])(
    '%s is one',
    (at) => expect(isTaken(at)).toBe(true),
  );

  test.each([
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:00:60Z',
    '2026-01-01T00:00:00+15:00',
    '2026-01-01T00:00:00',
    '2026-01-01',
    '2026-01-01t00:00:00z',
    '2026-01-01T00:00:00.1234567Z',
    '+02026-01-01T00:00:00Z',
    'infinity',
    'now',
    '',
  ])('%s is none', (at) => expect(isTaken(at)).toBe(false));
});
