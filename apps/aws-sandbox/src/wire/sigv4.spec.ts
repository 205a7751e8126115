import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { type Credential } from '../iam/caller.js';
import { type ReceivedRequest } from './received-request.js';
import { type SignatureRules, verifySignature } from './sigv4.js';

/** AWS's own test suite for Signature Version 4. */
const SUITE_TIME = Date.parse('2015-08-30T12:36:00Z');
const SUITE_KEY: Credential = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  caller: {
    kind: 'root',
    accountId: '111122223333',
    arn: 'arn:aws:iam::111122223333:root',
    userId: '111122223333',
    accessKeyId: 'AKIDEXAMPLE',
  },
};
const RULES: SignatureRules = {
  service: 'service',
  now: SUITE_TIME,
  findCredential: (id) => (id === SUITE_KEY.accessKeyId ? SUITE_KEY : undefined),
};

const authorization = (signature: string, signedHeaders = 'host;x-amz-date', scope = '20150830/us-east-1/service/aws4_request') =>
  `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=${signedHeaders}, Signature=${signature}`;

const VANILLA = authorization('5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31');

function request(headers: Record<string, string | string[]>, parts: Partial<ReceivedRequest> = {}): ReceivedRequest {
  const all = { host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z', ...headers };
  return {
    method: 'GET',
    path: '/',
    rawQuery: '',
    body: Buffer.alloc(0),
    requestId: 'r',
    sourceIp: '127.0.0.1',
    headers: new Map(Object.entries(all).map(([name, value]) => [name, typeof value === 'string' ? [value] : value])),
    ...parts,
  };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** An empty GET, truly signed: with this `x-amz-content-sha256` header, over this hash of the body. */
function signed(header: string, bodyHash: string): ReceivedRequest {
  const names = 'host;x-amz-content-sha256;x-amz-date';
  const canonical = `GET\n/\n\nhost:example.amazonaws.com\nx-amz-content-sha256:${header}\nx-amz-date:20150830T123600Z\n\n${names}\n${bodyHash}`;
  const scope = ['20150830', 'us-east-1', 'service', 'aws4_request'];
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${SUITE_KEY.secretAccessKey}`);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n20150830T123600Z\n${scope.join('/')}\n${sha256(canonical)}`).toString('hex');
  return request({ 'x-amz-content-sha256': header, authorization: authorization(signature, names) });
}

const refusal = (received: ReceivedRequest, rules: Partial<SignatureRules> = {}): string => {
  try {
    verifySignature(received, { ...RULES, ...rules });
    return 'accepted';
  } catch (error) {
    return error instanceof Error && 'reason' in error ? `${String(error.reason)}: ${error.message}` : String(error);
  }
};

describe('accepts what AWS’s test suite signs', () => {
  it.each([
    ['get-vanilla', request({ authorization: VANILLA })],
    [
      'get-vanilla-query-order-key-case',
      request(
        { authorization: authorization('b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500') },
        { rawQuery: 'Param2=value2&Param1=value1' },
      ),
    ],
    [
      'post-x-www-form-urlencoded',
      request(
        {
          'content-type': 'application/x-www-form-urlencoded',
          authorization: authorization('ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a', 'content-type;host;x-amz-date'),
        },
        { method: 'POST', body: Buffer.from('Param1=value1') },
      ),
    ],
    [
      'get-header-value-trim',
      request({
        'my-header1': ' value1',
        'my-header2': ' "a   b   c"',
        authorization: authorization(
          'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
          'host;my-header1;my-header2;x-amz-date',
        ),
      }),
    ],
  ])('%s', (_name, received) => {
    expect(refusal(received)).toBe('accepted');
    expect(verifySignature(received, RULES)).toEqual({ credential: SUITE_KEY, region: 'us-east-1' });
  });
});

describe('refuses a signature', () => {
  const MISMATCH = /^mismatch: The request signature we calculated does not match the signature you provided\./;

  it('over another body, path, query, method or host', () => {
    const changed: [Record<string, string>, Partial<ReceivedRequest>][] = [
      [{}, { body: Buffer.from(' ') }],
      [{}, { path: '/x' }],
      [{}, { rawQuery: 'a=b' }],
      [{}, { method: 'POST' }],
      [{ host: 'example.amazonaws.com:8421' }, {}],
    ];
    for (const [headers, parts] of changed) expect(refusal(request({ authorization: VANILLA, ...headers }, parts))).toMatch(MISMATCH);
  });

  it('of which any digit is another', () => {
    expect(refusal(request({ authorization: VANILLA.replace(/1$/, '0') }))).toMatch(MISMATCH);
  });

  it('beside a hash of another body, or instead of one', () => {
    const empty = sha256('');
    expect(refusal(signed(empty, empty))).toBe('accepted');
    expect(refusal(signed(sha256('other'), empty))).toMatch(MISMATCH);
    expect(refusal(signed('UNSIGNED-PAYLOAD', 'UNSIGNED-PAYLOAD'))).toMatch(MISMATCH);
  });

  it('that leaves out host, or any x-amz- header that was sent', () => {
    expect(refusal(request({ authorization: authorization('0'.repeat(64), 'x-amz-date') }))).toBe(
      "mismatch: 'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    );
    expect(refusal(request({ authorization: VANILLA, 'x-amz-security-token': 't', 'x-amz-target': 'x' }))).toBe(
      'mismatch: There were headers present in the request which were not signed: x-amz-security-token, x-amz-target',
    );
  });

  it('of STS may leave out the session token, which is asked for all the same', () => {
    const scoped = authorization('0'.repeat(64), undefined, '20150830/us-east-1/sts/aws4_request');
    const session: Credential = { ...SUITE_KEY, sessionToken: 'token' };
    const told = (token: string) =>
      refusal(request({ authorization: scoped, 'x-amz-security-token': token }), { service: 'sts', findCredential: () => session });
    expect(told('token')).toMatch(MISMATCH);
    expect(told('other')).toMatch(/^unknownToken: /);
  });

  it('older or younger than the window: five minutes, fifteen for STS', () => {
    const at = (minutes: number, service = 'service') =>
      refusal(request({ authorization: VANILLA.replace('/service/', `/${service}/`) }), { now: SUITE_TIME + minutes * 60_000, service });
    expect(at(5)).toBe('accepted');
    expect(at(6)).toBe('mismatch: Signature expired: 20150830T123600Z is now earlier than 20150830T123700Z (20150830T124200Z - 5 min.)');
    expect(at(-6)).toBe(
      'mismatch: Signature not yet current: 20150830T123600Z is still later than 20150830T123500Z (20150830T123000Z + 5 min.)',
    );
    expect(at(14, 'sts')).toMatch(MISMATCH);
    expect(at(16, 'sts')).toMatch(/- 15 min\.\)$/);
  });

  it('scoped to another service, Region, date or terminator', () => {
    const scoped = (scope: string) => refusal(request({ authorization: authorization('0'.repeat(64), undefined, scope) }));
    expect(scoped('20150830/us-east-1/kms/aws4_request')).toBe("mismatch: Credential should be scoped to correct service: 'service'.");
    expect(scoped('20150830/mars-1/service/aws4_request')).toBe("mismatch: Credential should be scoped to a valid Region, not 'mars-1'.");
    expect(scoped('20150830/us-east-1/service/aws5')).toBe(
      "mismatch: Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'.",
    );
    expect(scoped('20150831/us-east-1/service/aws4_request')).toContain('Date in Credential scope does not match YYYYMMDD');
  });

  it('that is missing, incomplete or sent twice', () => {
    expect(refusal(request({}))).toBe('missing: Request is missing Authentication Token');
    expect(refusal(request({ authorization: [VANILLA, VANILLA] }))).toMatch(/^incomplete: /);
    for (const damaged of ['Basic abc', VANILLA.replace('Signature=', 'Sig='), VANILLA.replace('us-east-1/', ''), `${VANILLA}zz`]) {
      expect(refusal(request({ authorization: damaged }))).toMatch(/^incomplete: /);
    }
    expect(refusal(request({ authorization: VANILLA, 'x-amz-date': 'yesterday' }))).toMatch(/^incomplete: /);
  });

  it('by an unknown key, with a token too many or too few, or by an expired session', () => {
    const unknown = 'unknownToken: The security token included in the request is invalid.';
    const session: Credential = { ...SUITE_KEY, sessionToken: 'token', expiresAt: SUITE_TIME };
    const signed = authorization('0'.repeat(64), 'host;x-amz-date;x-amz-security-token');
    const findCredential = () => session;
    expect(refusal(request({ authorization: VANILLA }), { findCredential: () => undefined })).toBe(unknown);
    expect(refusal(request({ authorization: VANILLA }), { findCredential })).toBe(unknown);
    expect(refusal(request({ authorization: signed, 'x-amz-security-token': 'other' }), { findCredential })).toBe(unknown);
    expect(refusal(request({ authorization: signed, 'x-amz-security-token': 'token' }))).toBe(unknown);
    expect(refusal(request({ authorization: signed, 'x-amz-security-token': 'token' }), { findCredential })).toBe(
      'expiredToken: The security token included in the request is expired',
    );
  });
});
