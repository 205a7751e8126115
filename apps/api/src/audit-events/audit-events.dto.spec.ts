import { describe, expect, test } from '@jest/globals';
import 'reflect-metadata';
import { StrictValidation } from '../http/strict-validation.js';
import { AuditEventsQuery } from './audit-events.dto.js';

describe('a query for audit events', () => {
  const parsed = (query: Record<string, unknown>) => new StrictValidation().transform(query, { type: 'query', metatype: AuditEventsQuery });

  test('takes the id of a principal', async () => {
    expect(await parsed({ principalId: 'operator' })).toMatchObject({ principalId: 'operator' });
  });

  test.each([
    ['a NUL, which PostgreSQL keeps in no text', 'a\0b'],
    ['nothing', ''],
    ['more than one', ['a', 'b']],
  ])('refuses %s', async (_what, principalId) => {
    await expect(parsed({ principalId })).rejects.toMatchObject({ code: 'validation_failed' });
  });
});
