import { describe, expect, test } from '@jest/globals';
import { mailReader } from './mail.js';

const GOOD = { smtpUrl: 'smtps://robot:pass%20word@mail.example:465', mailFrom: 'keyhold@vault.example' };

describe('settings of mail', () => {
  test('may be left out', () => {
    expect(mailReader(true)({})).toBeUndefined();
  });

  test('name a server and an address', () => {
    expect(mailReader(true)(GOOD)).toEqual({ url: GOOD.smtpUrl, from: GOOD.mailFrom, requiresTls: true });
  });

  test.each([
    ['http://mail.example'],
    ['smtp://mail.example/path'],
    ['smtp://mail.example?tls.rejectUnauthorized=false'],
    ['smtp://user:s3cret%@mail.example'],
    ['mail.example:25'],
    [''],
  ])('refuse the server %s, without repeating it', (smtpUrl) => {
    const read = () => mailReader(false)({ ...GOOD, smtpUrl });
    expect(read).toThrow('KEYHOLD_SMTP_URL must be');
    expect(read).not.toThrow('s3cret');
  });

  test.each([undefined, 'nobody', 'a@b\r\nBcc: c@d', 'A <a@b.example>'])('refuse the sender %j', (mailFrom) => {
    expect(() => mailReader(false)({ smtpUrl: GOOD.smtpUrl, ...(mailFrom !== undefined && { mailFrom }) })).toThrow('KEYHOLD_MAIL_FROM');
  });

  test.each([
    ['smtp://127.0.0.1:25', false, false],
    ['smtp://localhost', false, false],
    ['smtp://127.0.0.1:25', true, true],
    ['smtp://mail.example', false, true],
    ['smtp://mail.example', true, true],
  ])('%s (production: %s) must speak TLS: %s', (smtpUrl, isProduction, requiresTls) => {
    expect(mailReader(isProduction)({ ...GOOD, smtpUrl })?.requiresTls).toBe(requiresTls);
  });
});
