import { describe, expect, test } from '@jest/globals';
import { newTotpSecret, totpSetting, totpStep } from './totp.js';

/** RFC 6238, appendix B: SHA-1, of whose 8 digits the last 6 are those of an authenticator. */
const SECRET = Buffer.from('12345678901234567890');
const KNOWN = [
  { seconds: 59, code: '287082' },
  { seconds: 1_111_111_109, code: '081804' },
  { seconds: 1_111_111_111, code: '050471' },
  { seconds: 1_234_567_890, code: '005924' },
  { seconds: 2_000_000_000, code: '279037' },
] as const;
const STEP_MS = 30_000;

describe('the code of an authenticator', () => {
  test.each(KNOWN)('at $seconds s is that of RFC 6238', ({ seconds, code }) => {
    expect(totpStep(SECRET, code, seconds * 1_000)).toBe(Math.floor(seconds / 30));
  });

  test.each(KNOWN)('$code counts one step early and one late, as its own step, and no longer', ({ seconds, code }) => {
    const [atMs, step] = [seconds * 1_000, Math.floor(seconds / 30)];
    for (const steps of [-1, 0, 1]) expect(totpStep(SECRET, code, atMs + steps * STEP_MS)).toBe(step);
    for (const steps of [-2, 2, 100]) expect(totpStep(SECRET, code, atMs + steps * STEP_MS)).toBeUndefined();
  });

  test('counts to the last millisecond of the step after it', () => {
    const [endMs, code] = [60_000 + STEP_MS, '287082'];
    expect(totpStep(SECRET, code, endMs - 1)).toBe(1);
    expect(totpStep(SECRET, code, endMs)).toBeUndefined();
  });

  test.each(['', '287083', '28708', '2870820', ' 287082', '２８７０８２'])('is not %j', (code) => {
    expect(totpStep(SECRET, code, 59_000)).toBeUndefined();
  });

  test('is nobody else’s', () => {
    expect(totpStep(newTotpSecret(), '287082', 59_000)).not.toBe(1);
  });
});

test('an authenticator is given 160 random bits, and the same as a QR code', () => {
  const secret = newTotpSecret();
  expect(secret).toHaveLength(20);
  expect(newTotpSecret()).not.toEqual(secret);
  const setting = totpSetting(SECRET, { email: 'ada@acme.example', workspaceName: 'Acme & Söhne' });
  expect(setting.secret).toBe('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
  const uri = new URL(setting.uri);
  expect(Object.fromEntries(uri.searchParams)).toEqual({
    issuer: 'Keyhold (Acme & Söhne)',
    secret: setting.secret,
    algorithm: 'SHA1',
    digits: '6',
    period: '30',
  });
  expect(decodeURIComponent(uri.pathname)).toMatch(/:ada@acme\.example$/);
});
