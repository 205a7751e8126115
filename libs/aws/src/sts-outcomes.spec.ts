import { expect, test } from '@jest/globals';
import { failedAnswer } from './failed-answer.js';
import type { Outcome } from './outcomes.js';
import { stsOutcome } from './sts-outcomes.js';

test.each<[string, Outcome]>([
  ['AccessDenied', 'refused'],
  ['RegionDisabledException', 'refused'],
  ['Throttling', 'throttled'],
  ['ExpiredToken', 'expired-credentials'],
  ['ExpiredTokenException', 'expired-credentials'],
  ['InvalidClientTokenId', 'expired-credentials'],
  ['SignatureDoesNotMatch', 'expired-credentials'],
  ['ServiceUnavailable', 'could-not-ask'],
  ['InternalFailure', 'could-not-ask'],
  ['ValidationError', 'ours'],
  ['MalformedPolicyDocumentException', 'ours'],
  ['PackedPolicyTooLargeException', 'ours'],
  ['Unheard', 'ours'],
])('%s is %s', (name, expected) => {
  expect(stsOutcome(failedAnswer({ name, $metadata: { httpStatusCode: 403 } }))).toBe(expected);
});

test('a refusal counts only when it came over the wire', () => {
  expect(stsOutcome(failedAnswer({ name: 'AccessDenied' }))).toBe('could-not-ask');
});
