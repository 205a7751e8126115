import { describe, expect, test } from '@jest/globals';
import { failedAnswer } from './failed-answer.js';
import { kmsOutcome } from './kms-outcomes.js';
import type { Outcome } from './outcomes.js';

const ARN = 'arn:aws:kms:us-east-2:111122223333:key/mrk-2e22d3121daf471f87bee0690fadeaee';

/** What the SDK rejects with when KMS answers with an exception. */
const anException = (name: string, { message = '', status = 400, clockSkewCorrected = false } = {}) =>
  Object.assign(new Error(message), { name, $fault: 'client', $metadata: { httpStatusCode: status, clockSkewCorrected } });

const outcome = (rejection: unknown): Outcome => kmsOutcome(failedAnswer(rejection));

describe('KMS exceptions', () => {
  test.each<[string, Outcome]>([
    ['DependencyTimeoutException', 'could-not-ask'],
    ['KMSInternalException', 'could-not-ask'],
    ['KeyUnavailableException', 'could-not-ask'],
    ['InternalFailure', 'could-not-ask'],
    ['ServiceUnavailable', 'could-not-ask'],
    ['ServiceUnavailableException', 'could-not-ask'],
    ['ThrottlingException', 'throttled'],
    ['TooManyRequestsException', 'throttled'],
    ['LimitExceededException', 'throttled'],
    ['ExpiredTokenException', 'expired-credentials'],
    ['UnrecognizedClientException', 'expired-credentials'],
    ['InvalidSignatureException', 'expired-credentials'],
    ['DisabledException', 'refused'],
    ['AccessDeniedException', 'refused'],
    ['NotFoundException', 'refused'],
    ['InvalidArnException', 'refused'],
    ['InvalidKeyUsageException', 'refused'],
    ['InvalidGrantTokenException', 'refused'],
    ['UnsupportedOperationException', 'refused'],
    ['OptInRequired', 'refused'],
    ['SubscriptionRequiredException', 'refused'],
    ['KMSInvalidStateException', 'refused'],
    ['InvalidCiphertextException', 'ours'],
    ['IncorrectKeyException', 'ours'],
    ['ValidationException', 'ours'],
    ['SerializationException', 'ours'],
    ['DryRunOperationException', 'ours'],
  ])('%s is %s, whatever its status', (name, expected) => {
    for (const status of [400, 403, 404, 409, 500, 503]) expect(outcome(anException(name, { status }))).toBe(expected);
  });

  test.each<[string, string, Outcome]>([
    ['KMSInvalidStateException', `${ARN} is creating.`, 'passing'],
    ['KMSInvalidStateException', `${ARN} is updating.`, 'passing'],
    ['KMSInvalidStateException', `${ARN} is pending deletion.`, 'pending-deletion'],
    ['KMSInvalidStateException', `${ARN} is pending replica deletion.`, 'pending-deletion'],
    ['KMSInvalidStateException', `${ARN} is pending import.`, 'refused'],
    ['KMSInvalidStateException', `${ARN} is unavailable.`, 'refused'],
    ['KMSInvalidStateException', 'a text that AWS has not used so far', 'refused'],
    ['DisabledException', `${ARN} is pending deletion.`, 'pending-deletion'],
    ['DisabledException', `${ARN} is disabled.`, 'refused'],
  ])('%s "%s" is %s', (name, message, expected) => {
    expect(outcome(anException(name, { message }))).toBe(expected);
  });

  test('a name in no table stops us and changes nothing, unless the service calls it its own fault', () => {
    expect(outcome(anException('BrandNewException', { status: 400 }))).toBe('ours');
    expect(outcome(anException('BrandNewException', { status: 500 }))).toBe('could-not-ask');
  });

  test('names of object properties are no table rows', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) expect(outcome(anException(name))).toBe('ours');
  });

  test('a signature refused for our clock may be tried again once the clock is corrected', () => {
    expect(outcome(anException('InvalidSignatureException', { clockSkewCorrected: true }))).toBe('passing');
    expect(outcome(anException('ExpiredTokenException', { clockSkewCorrected: true }))).toBe('expired-credentials');
  });
});

describe('what is no answer', () => {
  test.each([
    ['a reset connection', Object.assign(new Error(), { name: 'TimeoutError', code: 'ECONNRESET' })],
    ['a refused connection', Object.assign(new Error(), { code: 'ECONNREFUSED' })],
    ['an unknown host', Object.assign(new Error(), { code: 'ENOTFOUND' })],
    ['a time-out', Object.assign(new Error(), { name: 'TimeoutError' })],
    ['an abort', Object.assign(new Error(), { name: 'AbortError' })],
    ['a failed handshake', Object.assign(new Error(), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })],
    ['a truncated answer', Object.assign(new SyntaxError(), { $metadata: { httpStatusCode: 200 } })],
    ['an error page', Object.assign(new SyntaxError(), { $metadata: { httpStatusCode: 403 } })],
    ['an exception without a name', anException('UnknownError')],
    ['an exception whose name is a text', anException('<html>502 Bad Gateway</html>')],
    ['an exception that only claims to be one', Object.assign(new Error(), { name: 'DisabledException' })],
    ['nothing at all', undefined],
  ])('%s could not ask', (_case, rejection) => {
    expect(outcome(rejection)).toBe('could-not-ask');
  });
});

test('takes over nothing of a garbled answer: not even the syntax error, which quotes it', () => {
  const secret = 'cGxhaW50ZXh0IG9mIGEgZGF0YSBrZXk=';
  const rejection = Object.assign(new SyntaxError(`Unexpected end of JSON input: {"Plaintext":"${secret}`), {
    $response: { body: secret },
    $metadata: { httpStatusCode: 200, requestId: 'r-1' },
  });
  const answer = failedAnswer(rejection);
  expect(answer).toMatchObject({ name: 'SyntaxError', requestId: 'r-1', status: 200 });
  expect(JSON.stringify(answer)).not.toContain(secret);
});
