import { describe, expect, it } from '@jest/globals';
import { arnSegments, matchesArnTemplate, matchesTemplate, parseTemplate, UnresolvedVariable } from './policy-template.js';

const glob = (text: string) => parseTemplate(text, { wildcards: true, variables: true });
const matches = (pattern: string, value: string, context = {}) => matchesTemplate(glob(pattern), value, { context });

describe('a text with wildcards', () => {
  it.each([
    ['*', ''],
    ['*', 'anything:at/all'],
    ['kms:*', 'kms:Decrypt'],
    ['kms:De*t', 'kms:Decrypt'],
    ['a?c', 'abc'],
    ['a?c', 'a😀c'],
    ['*a*b*', 'xxaxxbxx'],
    ['a*a', 'aa'],
    ['arn:aws:iam::*:role/*', 'arn:aws:iam::1:role/path/x'],
    ['${*}', '*'],
    ['${?}', '?'],
    ['${$}{x}', '${x}'],
    ['', ''],
  ])('%j matches %j', (pattern, value) => expect(matches(pattern, value)).toBe(true));

  it.each([
    ['kms:*', 'sts:AssumeRole'],
    ['a?c', 'ac'],
    ['a*a', 'a'],
    ['abc', 'ABC'],
    ['abc', 'abcd'],
    ['${*}', 'x'],
    ['', 'x'],
    ['a.c', 'abc'],
  ])('%j does not match %j', (pattern, value) => expect(matches(pattern, value)).toBe(false));

  it('with hundreds of asterisks is still decided quickly', () => {
    expect(matches(`${'*a'.repeat(500)}*b`, 'a'.repeat(2000))).toBe(false);
  });

  it('takes wildcards literally where they are none', () => {
    const template = parseTemplate('a*', { wildcards: false, variables: false });
    expect(matchesTemplate(template, 'a*', { context: {} })).toBe(true);
    expect(matchesTemplate(template, 'ab', { context: {} })).toBe(false);
  });
});

describe('a policy variable', () => {
  it('stands for its value', () => expect(matches('u/${aws:username}', 'u/ann', { 'aws:username': 'ann' })).toBe(true));
  it('is named in any case', () => expect(matches('${AWS:UserName}', 'ann', { 'aws:username': 'ann' })).toBe(true));
  it('brings no wildcard in', () => expect(matches('${aws:username}', 'ann', { 'aws:username': '*' })).toBe(false));
  it('without a value is told apart from no match', () => expect(() => matches('${aws:username}', 'x')).toThrow(UnresolvedVariable));
  it('that is not imitated is refused', () => {
    expect(() => glob('${aws:PrincipalTag/team}')).toThrow('The sandbox does not support the policy variable ${aws:PrincipalTag/team}.');
    expect(() => glob("${aws:username, 'nobody'}")).toThrow('does not support the policy variable');
  });
  it('is plain text in an old policy', () => {
    const template = parseTemplate('${aws:username}', { wildcards: true, variables: false });
    expect(matchesTemplate(template, '${aws:username}', { context: { 'aws:username': 'ann' } })).toBe(true);
  });
});

describe('an ARN with wildcards', () => {
  const role = 'arn:aws:iam::111122223333:role/path/Byok';

  it.each(['arn:aws:iam::111122223333:role/path/Byok', 'arn:*:iam:*:*:role/*', 'arn:aws:iam::1111????3333:role/*/Byok', '*:*:*:*:*:*'])(
    '%s matches segment by segment',
    (pattern) => expect(matchesArnTemplate(glob(pattern), role, {})).toBe(true),
  );

  it.each(['arn:aws:*:role/path/Byok', 'arn:*', 'arn:aws:iam::111122223333:user/*', '*'])('%s does not reach over a colon', (pattern) =>
    expect(matchesArnTemplate(glob(pattern), role, {})).toBe(false),
  );

  it('keeps further colons in the sixth segment', () => {
    expect(arnSegments(glob('arn:aws:x:y:z:a:b:c'))).toHaveLength(6);
    expect(matchesArnTemplate(glob('arn:aws:x:y:z:a:b:*'), 'arn:aws:x:y:z:a:b:c', {})).toBe(true);
    expect(matchesArnTemplate(glob('arn:aws:x:y:z:a:b'), 'arn:aws:x:y:z:a:b:c', {})).toBe(false);
  });

  it('matches nothing that is no ARN', () => expect(matchesArnTemplate(glob('*:*:*:*:*:*'), 'not-an-arn', {})).toBe(false));
});
