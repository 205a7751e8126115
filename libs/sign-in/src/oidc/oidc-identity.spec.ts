import { describe, expect, test } from '@jest/globals';
import { readIdentity } from './oidc-identity.js';

const groupsOf = (claim: unknown) => readIdentity({ sub: 's', groups: claim }, 'groups')?.groups;

describe('what a provider says about somebody', () => {
  test('is kept as far as it can be', () => {
    const claims = { sub: 'Ada', email: 'Ada@ACME.example', email_verified: true, name: 'Ada', groups: ['a', 'b'], other: 1 };
    expect(readIdentity(claims, 'groups')).toEqual({ subject: 'Ada', verifiedEmail: 'ada@acme.example', name: 'Ada', groups: ['a', 'b'] });
  });

  test.each([undefined, null, '', 7, ['s'], 'x'.repeat(256), 'a\u0000', 'a\n', '\ud800'])('is about nobody with the subject %j', (sub) => {
    expect(readIdentity({ sub }, null)).toBeUndefined();
  });

  test.each([false, 'true', 1, undefined, null, [true]])('proves no address that is verified as %j', (email_verified) => {
    expect(readIdentity({ sub: 's', email: 'ada@acme.example', email_verified }, null)?.verifiedEmail).toBeUndefined();
  });

  test.each(['', `${'x'.repeat(250)}@x.example`, 'a@b\u0000', ['ada@acme.example'], { a: 1 }])('proves no address that is %j', (email) => {
    expect(readIdentity({ sub: 's', email, email_verified: true }, null)?.verifiedEmail).toBeUndefined();
  });

  test.each<[unknown, string[]]>([
    ['a', ['a']],
    [
      ['a', 'a', 'b'],
      ['a', 'b'],
    ],
    [
      ['a', 7, null, ['c'], { d: 1 }, '', 'x'.repeat(256), 'e\u0000', 'f'],
      ['a', 'f'],
    ],
    [{ a: true }, []],
    [undefined, []],
    [7, []],
  ])('means by %j the groups %j', (claim, groups) => expect(groupsOf(claim)).toEqual(groups));

  test('means the first 500 values of a claim, and no others', () => {
    const values = Array.from({ length: 501 }, (_, i) => `g${i}`);
    expect(groupsOf(values)).toEqual(values.slice(0, 500));
  });

  test('means no groups where no claim stands for them', () => {
    expect(readIdentity({ sub: 's', groups: ['a'] }, null)?.groups).toEqual([]);
  });

  test('is taken from the claims themselves and from nothing that every object has', () => {
    expect(readIdentity({ sub: 's' }, '__proto__')?.groups).toEqual([]);
    expect(readIdentity({ sub: 's' }, 'constructor')?.groups).toEqual([]);
  });
});
