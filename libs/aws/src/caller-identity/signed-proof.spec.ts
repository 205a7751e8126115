import { describe, expect, test } from '@jest/globals';
import { signIdentity, type SigningOrder } from '../../../../test/harness/signed-identity.js';
import { hostileRegions } from '../testing/hostile-strings.js';
import { PROOF_RULES, type ProofTerms, type SignedIdentity, SignedProof } from './signed-proof.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const USER = { accessKeyId: 'AKIAEXAMPLEEXAMPLE12', secretAccessKey: 'secret' };
const SESSION = { ...USER, accessKeyId: 'ASIAEXAMPLEEXAMPLE12', sessionToken: 'c2Vzc2lvbiB0b2tlbg==' };
const OURS = 'keyhold.example;0197a000-0000-7000-8000-00000000000a';
const TERMS: ProofTerms = { rules: PROOF_RULES.keyhold, audience: OURS, audienceIs: 'required', now: NOW };
const LENIENT: ProofTerms = { ...TERMS, rules: PROOF_RULES.cerberus, audienceIs: 'optional' };

const signed = (order: SigningOrder = {}, signer: typeof USER = USER): SignedIdentity =>
  signIdentity(signer, { at: new Date(NOW), ...order, headers: { 'x-keyhold-audience': OURS, ...order.headers } });

const codeOf = (given: SignedIdentity, terms: ProofTerms = TERMS): string => {
  try {
    SignedProof.read(given, terms);
    return 'accepted';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('a proof', () => {
  test('knows who claims to have signed, in which Region, and that it is meant for us', () => {
    const proof = SignedProof.read(signed({ region: 'eu-west-1' }), TERMS);
    expect(proof).toMatchObject({ accessKeyId: USER.accessKeyId, region: 'eu-west-1', audienceIsSigned: true });
    expect(proof.expiresAt).toBe(NOW + 900_000);
  });

  test('goes to the Region’s own STS with the signature and our audience, and nothing else of the client’s', () => {
    const given = signed({ region: 'eu-west-1' }, SESSION);
    expect(SignedProof.read(given, TERMS).headers()).toEqual({
      host: 'sts.eu-west-1.amazonaws.com',
      authorization: given.authorization,
      'x-amz-date': '20260301T120000Z',
      'x-amz-security-token': SESSION.sessionToken,
      'x-keyhold-audience': OURS,
    });
  });

  test('carries our audience, whatever was signed', () => {
    const foreign = signed({ headers: { 'x-keyhold-audience': 'elsewhere' } });
    expect(SignedProof.read(foreign, TERMS).headers()['x-keyhold-audience']).toBe(OURS);
  });

  test('may have signed headers whose value is known beforehand', () => {
    const names = { 'content-type': 'x', 'content-length': '1', 'x-amz-content-sha256': 'x' };
    expect(SignedProof.read(signed({ headers: names }), TERMS).headers()).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': '43',
      'x-amz-content-sha256': 'ab821ae955788b0e33ebd34c208442ccfc2d406e2edc5e7a39bd6458fbb4f843',
    });
  });

  test('shows neither signature nor token when it is printed', () => {
    const given = signed({}, SESSION);
    const printed = JSON.stringify(SignedProof.read(given, TERMS));
    expect(printed).not.toContain(given.authorization.slice(-64));
    expect(printed).not.toContain(SESSION.sessionToken);
  });

  test('is the same proof for the same signature, however it was spaced', () => {
    const given = signed();
    const tight = { ...given, authorization: given.authorization.replaceAll(', ', ',') };
    const [one, other] = [SignedProof.read(given, TERMS), SignedProof.read(tight, TERMS)];
    expect(one.signatureSha256).toEqual(other.signatureSha256);
    expect(one.headers()).toEqual(other.headers());
  });
});

describe('a signature’s age', () => {
  const aged = (seconds: number, terms: ProofTerms) => codeOf(signed({ at: new Date(NOW - seconds * 1000) }), terms);

  test('is at most five minutes, and one minute ahead', () => {
    expect([aged(300, TERMS), aged(-60, TERMS)]).toEqual(['accepted', 'accepted']);
    expect([aged(301, TERMS), aged(-61, TERMS)]).toEqual(['not_fresh', 'not_fresh']);
  });

  test('is a quarter of an hour either way for unmodified clients', () => {
    expect([aged(900, LENIENT), aged(-900, LENIENT)]).toEqual(['accepted', 'accepted']);
    expect([aged(901, LENIENT), aged(-901, LENIENT)]).toEqual(['not_fresh', 'not_fresh']);
  });

  test('is that of the credential scope’s day', () => {
    expect(codeOf(signed({ scope: { date: '20260228' } }))).toBe('malformed');
  });

  test.each([
    '',
    '2026-03-01T12:00:00Z',
    '20260301T120000',
    '20260301T120000z',
    '20260301T126000Z',
    '20260229T120000Z',
    '٢٠٢٦0301T120000Z',
  ])('is unknown without a time that there is: %j', (amzDate) => {
    expect(codeOf({ ...signed(), amzDate })).toBe('malformed');
  });
});

describe('what has to be signed', () => {
  const names = (signedHeaders: string, signer = USER, terms = TERMS) => codeOf(signed({ signedHeaders }, signer), terms);
  const ALL = 'host;x-amz-date;x-keyhold-audience';

  test('is the audience, where it is required', () => {
    expect(names('host;x-amz-date')).toBe('audience_not_signed');
    expect(names('host;x-amz-date', USER, LENIENT)).toBe('accepted');
    expect(SignedProof.read(signed({ signedHeaders: 'host;x-amz-date' }), LENIENT).headers()).not.toHaveProperty('x-keyhold-audience');
  });

  test('is host and date, always', () => {
    for (const list of ['x-amz-date;x-keyhold-audience', 'host;x-keyhold-audience', 'x-keyhold-audience'])
      expect(names(list)).toBe('malformed');
  });

  test('is the session token, but for clients that add it later', () => {
    expect(names(ALL, SESSION)).toBe('token_not_signed');
    expect(names(ALL, SESSION, LENIENT)).toBe('accepted');
    expect(names('host;x-amz-date;x-amz-security-token;x-keyhold-audience', SESSION)).toBe('accepted');
    expect(names('host;x-amz-date;x-amz-security-token;x-keyhold-audience')).toBe('malformed');
  });

  test.each([
    'x-amz-date;host;x-keyhold-audience',
    'Host;X-Amz-Date;X-Keyhold-Audience',
    `${ALL};`,
    `;${ALL}`,
    'host;host;x-amz-date;x-keyhold-audience',
    'host;x-amz-date;x-keyhold-audience;x-keyhold-audience',
    'host;x-amz-date;x-keyhold-aud;x-keyhold-audience',
    'accept;host;x-amz-date;x-keyhold-audience',
    'host;x-amz-date;x-amz-target;x-keyhold-audience',
    'host; x-amz-date;x-keyhold-audience',
    'host;x-amz-date;x-keyhold-audience ',
    '',
  ])('is one sorted list of names that we know: not %j', (list) => {
    expect(names(list)).toBe('malformed');
  });
});

describe('an Authorization header', () => {
  const good = signed().authorization;
  test.each([
    '',
    `${good}, ${good}`,
    `${good},`,
    ` ${good}`,
    `${good}\r\nX-Evil: 1`,
    `${good}\0`,
    good.replace('AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA512'),
    good.replace('AWS4-HMAC-SHA256', 'aws4-hmac-sha256'),
    good.replace('/sts/', '/iam/'),
    good.replace('aws4_request', 'aws4_requests'),
    good.replace('SignedHeaders=', 'SignedHeaders=host;x-amz-date, SignedHeaders='),
    good.replace('Credential=', 'Credential=x, Credential='),
    good.replace('Credential=AKIA', 'Credential=akia'),
    good.replace(/Signature=./, 'Signature='),
    good.replace(/Signature=(.*)$/, (_, hex: string) => `Signature=${hex.toUpperCase()}A`),
    good.replace('us-east-2', 'us-east-2/x'),
    good.replace('us-east-2', 'a'.repeat(64)),
    `${good}${'0'.repeat(2_000)}`,
    `AWS4-HMAC-SHA256 SignedHeaders=host;x-amz-date, Credential=${USER.accessKeyId}/20260301/us-east-2/sts/aws4_request, Signature=${'0'.repeat(64)}`,
    '__proto__',
  ])('is written in one way: not %j', (authorization) => {
    expect(codeOf({ ...signed(), authorization })).toBe('malformed');
  });
});

test('no Region but those of the table reaches a host name', () => {
  for (const region of hostileRegions) {
    const given = signed();
    const inScope = { ...given, region, authorization: given.authorization.replace('us-east-2', () => region) };
    expect(['malformed', 'unknown_region']).toContain(codeOf(inScope));
    expect(codeOf({ ...given, region })).toBe('malformed');
  }
});

test.each(['', 'a b', 'a\r\nx: y', 'ключ', 'x'.repeat(8_193)])('a session token is one word: not %j', (securityToken) => {
  expect(codeOf({ ...signed({}, SESSION), securityToken })).toBe('malformed');
});
