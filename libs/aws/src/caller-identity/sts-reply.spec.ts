import { describe, expect, test } from '@jest/globals';
import { type StsReply, toldCaller } from './sts-reply.js';

const ACCOUNT = '111122223333';
const ARN = `arn:aws:sts::${ACCOUNT}:assumed-role/App/s1`;
const RESULT = { Account: ACCOUNT, Arn: ARN, UserId: 'AROAEXAMPLE:s1' };
const METADATA = { RequestId: '01234567-89ab-cdef-0123-456789abcdef' };

const answer = (result: object = RESULT): object => ({
  GetCallerIdentityResponse: { GetCallerIdentityResult: result, ResponseMetadata: METADATA },
});
const reply = (body: unknown, changes: Partial<StsReply> = {}): StsReply => ({
  status: 200,
  contentType: 'application/json',
  body: typeof body === 'string' ? body : JSON.stringify(body),
  ...changes,
});
const failure = (given: StsReply): Record<string, unknown> => {
  try {
    toldCaller(given);
    return {};
  } catch (error) {
    const { code, facts } = error as { code: string; facts: object };
    return { code, ...facts };
  }
};

describe('an answer of STS', () => {
  test('names the caller', () => {
    expect(toldCaller(reply(answer()))).toEqual({
      arn: ARN,
      account: ACCOUNT,
      userId: 'AROAEXAMPLE:s1',
      stsRequestId: METADATA.RequestId,
    });
  });

  test('is JSON, with its character set or without', () => {
    for (const contentType of ['application/json', 'application/json; charset=utf-8', 'application/json;charset=UTF-8'])
      expect(failure(reply(answer(), { contentType }))).toEqual({});
    for (const contentType of [
      undefined,
      '',
      'text/xml',
      'text/xml; charset=utf-8',
      'text/html',
      'application/jsonx',
      'application/json, text/xml',
    ])
      expect(failure(reply(answer(), { contentType }))).toMatchObject({ code: 'unintelligible' });
  });

  const body = JSON.stringify(answer());
  test.each<[string, unknown]>([
    ['junk before it', `x${body}`],
    ['junk behind it', `${body}x`],
    ['a byte order mark', `\ufeff${body}`],
    ['two of them', `${body}${body}`],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', [answer()]],
    ['an empty object', {}],
    ['no result', { GetCallerIdentityResponse: { ResponseMetadata: METADATA } }],
    ['a result that is null', { GetCallerIdentityResponse: { GetCallerIdentityResult: null, ResponseMetadata: METADATA } }],
    ['a list of results', { GetCallerIdentityResponse: { GetCallerIdentityResult: [RESULT, RESULT], ResponseMetadata: METADATA } }],
    ['the root of another operation', { AssumeRoleResponse: { GetCallerIdentityResult: RESULT, ResponseMetadata: METADATA } }],
    ['another root beside it', { ...answer(), AssumeRoleResponse: {} }],
    ['the right root under a wrong one', { X: answer() }],
    ['a member more', answer({ ...RESULT, Extra: 'x' })],
    ['a member less', answer({ Account: ACCOUNT, Arn: ARN })],
    ['a member of another letter case', answer({ account: ACCOUNT, Arn: ARN, UserId: 'x' })],
    ['a member that is no text', answer({ ...RESULT, Account: Number(ACCOUNT) })],
    ['a member that is a list', answer({ ...RESULT, Arn: [ARN] })],
    ['XML', `<GetCallerIdentityResponse><Arn>${ARN}</Arn></GetCallerIdentityResponse>`],
    ['a name twice', body.replace('"Arn":', `"Arn":"arn:aws:iam::${ACCOUNT}:root","Arn":`)],
    ['a name twice, once escaped', body.replace('"Arn":', `"\\u0041rn":"arn:aws:iam::${ACCOUNT}:root","Arn":`)],
    ['a result twice', body.replace('"ResponseMetadata"', `"GetCallerIdentityResult":${JSON.stringify(RESULT)},"ResponseMetadata"`)],
    ['an empty root before the right one', body.replace('{', '{"GetCallerIdentityResponse":{},')],
  ])('is refused with %s', (_what, given) => {
    expect(failure(reply(given))).toMatchObject({ code: 'unintelligible' });
  });

  test.each<[string, object]>([
    ['an account of eleven digits', { Account: '11112222333', Arn: ARN.replace(ACCOUNT, '11112222333') }],
    ['an account of thirteen digits', { Account: `${ACCOUNT}0`, Arn: ARN.replace(ACCOUNT, `${ACCOUNT}0`) }],
    ['another account in the ARN', { Account: '999988887777' }],
    ['another partition', { Arn: ARN.replace('aws', 'aws-cn') }],
    ['an ARN of five parts', { Arn: `arn:aws:sts::${ACCOUNT}` }],
    ['an ARN of seven parts', { Arn: `${ARN}:x` }],
    ['an ARN of another service', { Arn: ARN.replace('sts', 'ec2') }],
    ['an ARN with a Region', { Arn: ARN.replace('::', ':us-east-1:') }],
    ['an ARN with a space', { Arn: `${ARN} ` }],
    ['an empty user id', { UserId: '' }],
  ])('is refused with %s', (_what, changes) => {
    expect(failure(reply(answer({ ...RESULT, ...changes })))).toMatchObject({ code: 'unintelligible' });
  });

  test.each([201, 202, 204, 301, 302, 304, 307, 308])('is refused with status %d', (status) => {
    expect(failure(reply(answer(), { status }))).toMatchObject({ code: 'unintelligible' });
  });
});

describe('a refusal of STS', () => {
  const refusal = (Code: string, status: number) =>
    failure(reply({ Error: { Code, Message: 'secret', Type: 'Sender' }, RequestId: 'r-1' }, { status }));

  test.each([
    ['SignatureDoesNotMatch', 403, 'signature_mismatch'],
    ['ExpiredToken', 403, 'expired_token'],
    ['ExpiredTokenException', 400, 'expired_token'],
    ['InvalidClientTokenId', 403, 'refused'],
    ['AccessDenied', 403, 'refused'],
    ['Throttling', 400, 'unavailable'],
    ['Whatever', 429, 'unavailable'],
    ['ServiceUnavailable', 503, 'unavailable'],
    ['InternalFailure', 500, 'unavailable'],
    ['SignatureDoesNotMatch', 500, 'unavailable'],
    ['toString', 403, 'refused'],
  ])('%s with %d is %s', (code, status, expected) => {
    expect(refusal(code, status)).toEqual({ code: expected, awsError: code, stsRequestId: 'r-1' });
  });

  test('is one whatever stands in its body, of which nothing but names is kept', () => {
    for (const body of ['', '<html>', '[]', '{"Error":"x"}', '{"Error":{"Code":"a b"},"RequestId":7}', 'null'])
      expect(failure(reply(body, { status: 403, contentType: 'text/html' }))).toEqual({ code: 'refused' });
  });
});
