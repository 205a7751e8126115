import { describe, expect, it } from '@jest/globals';
import { readAssumeRole } from './assume-role-input.js';

const read = (more: Record<string, string>) =>
  readAssumeRole(new URLSearchParams({ RoleArn: 'arn:aws:iam::111122223333:role/Byok', RoleSessionName: 'name', ...more }));
const refusal = (more: Record<string, string>): string => {
  try {
    read(more);
    return 'read';
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
};

describe('AssumeRole’s parameters', () => {
  it.each(['900', '0900', '+900'])('take %j for fifteen minutes', (DurationSeconds) => {
    expect(read({ DurationSeconds }).durationSeconds).toBe(900);
  });

  it.each([' 900', '900.0', '9e2', '2147483648', ''])('take %j for no number', (DurationSeconds) => {
    expect(refusal({ DurationSeconds })).toMatch(/^MalformedInput: /);
  });

  it.each(['0', '-900', '899', '43201'])('refuse %j seconds', (DurationSeconds) => {
    expect(refusal({ DurationSeconds })).toMatch(/^ValidationError: 1 validation error detected: Value '-?\d+' at 'durationSeconds'/);
  });

  it.each(['8f14e45f-ceea-467f-9575-6a1f2b3c4d5e', 'ws:123', 'a/path@like,id=1', '..'])('take %j as an external ID', (ExternalId) => {
    expect(read({ ExternalId }).externalId).toBe(ExternalId);
  });

  it.each(['a b', 'x', 'ümlaut', 'x'.repeat(1225)])('refuse %j as an external ID', (ExternalId) => {
    expect(refusal({ ExternalId })).toContain("at 'externalId' failed to satisfy constraint");
  });

  it('refuse what the sandbox would have to ignore', () => {
    expect(refusal({ 'PolicyArns.member.1.arn': 'arn:aws:iam::aws:policy/ReadOnlyAccess' })).toMatch(/^ValidationError: .*PolicyArns/);
  });
});
