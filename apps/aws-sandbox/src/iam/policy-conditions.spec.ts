import { describe, expect, it } from '@jest/globals';
import { type ConditionContext } from './condition-context.js';
import { MalformedPolicy } from './malformed-policy.js';
import { conditionHolds, parseConditions } from './policy-conditions.js';

const holds = (element: object, context: ConditionContext): boolean =>
  parseConditions(element, { variables: true }).every((condition) => conditionHolds(condition, context));

const ROLE = 'arn:aws:iam::111122223333:role/path/Byok';

interface Row {
  operator: string;
  key: string;
  expected: string | boolean | number | (string | number)[];
  match: string[];
  noMatch: string[];
  missing: boolean;
}

const text = (operator: string, expected: Row['expected'], match: string[], noMatch: string[], missing = false): Row => ({
  operator,
  key: 'sts:ExternalId',
  expected,
  match,
  noMatch,
  missing,
});
const on = (key: string, row: Row): Row => ({ ...row, key });

const NOON = '2026-01-01T12:00:00Z';
const NOON_SECONDS = '1767268800';
const BEFORE = '2026-01-01T11:59:59.999Z';
const AFTER = '2026-01-01T12:00:00.001Z';
const time = (operator: string, match: string[], noMatch: string[], missing = false) =>
  on('aws:CurrentTime', text(operator, NOON, match, noMatch, missing));
const number = (operator: string, match: string[], noMatch: string[], missing = false) =>
  on('aws:EpochTime', text(operator, 100, match, noMatch, missing));

const ROWS: Row[] = [
  text('StringEquals', 'ws-1', ['ws-1'], ['WS-1', 'ws-', 'ws-12', '']),
  text('StringEquals', ['ws-1', 'ws-2'], ['ws-1', 'ws-2'], ['ws-3']),
  text('StringEquals', 'ws-*', ['ws-*'], ['ws-1']),
  text('StringNotEquals', 'ws-1', ['ws-2', 'WS-1'], ['ws-1'], true),
  text('StringNotEquals', ['ws-1', 'ws-2'], ['ws-3'], ['ws-1', 'ws-2'], true),
  text('StringEqualsIgnoreCase', 'Ws-1', ['wS-1'], ['ws-2']),
  text('StringNotEqualsIgnoreCase', 'Ws-1', ['ws-2'], ['wS-1'], true),
  text('StringLike', 'ws-?*', ['ws-1', 'ws-12'], ['ws-', 'WS-1']),
  text('StringNotLike', 'ws-*', ['other'], ['ws-', 'ws-1'], true),
  on('aws:PrincipalArn', text('ArnEquals', 'arn:aws:iam::*:role/path/*', [ROLE], ['arn:aws:iam::111122223333:role/Byok'])),
  on('aws:PrincipalArn', text('ArnLike', ['arn:aws:iam::1:root', ROLE], [ROLE], [`${ROLE}2`])),
  on('aws:PrincipalArn', text('ArnNotEquals', ROLE, [`${ROLE}2`], [ROLE], true)),
  on('aws:PrincipalArn', text('ArnNotLike', 'arn:aws:iam::*:role/*', ['arn:aws:iam::1:user/x'], [ROLE], true)),
  on('kms:MultiRegion', text('Bool', 'true', ['true', 'True'], ['false', 'yes'])),
  on('kms:MultiRegion', text('Bool', true, ['true'], ['false'])),
  on('kms:MultiRegion', text('Bool', 'false', ['false'], ['true'])),
  number('NumericEquals', ['100', '100.0'], ['101', 'x']),
  number('NumericNotEquals', ['101'], ['100'], true),
  number('NumericLessThan', ['99'], ['100', '101']),
  number('NumericLessThanEquals', ['99', '100'], ['101']),
  number('NumericGreaterThan', ['101'], ['100', '99']),
  number('NumericGreaterThanEquals', ['100', '101'], ['99']),
  time('DateEquals', [NOON, '2026-01-01T13:00:00+01:00', NOON_SECONDS], [BEFORE, AFTER]),
  time('DateNotEquals', [BEFORE], [NOON], true),
  time('DateLessThan', [BEFORE], [NOON, AFTER]),
  time('DateLessThanEquals', [BEFORE, NOON], [AFTER]),
  time('DateGreaterThan', [AFTER], [NOON, BEFORE]),
  time('DateGreaterThanEquals', [AFTER, NOON], [BEFORE]),
  on('aws:CurrentTime', text('DateGreaterThan', NOON_SECONDS, [AFTER], [BEFORE])),
  on('aws:SourceIp', text('IpAddress', '10.1.0.0/16', ['10.1.2.3'], ['10.2.0.1', '::1'])),
  on('aws:SourceIp', text('IpAddress', ['10.1.2.3', '2001:db8::/32'], ['10.1.2.3', '2001:db8::5'], ['10.1.2.4', '2001:db9::1'])),
  on('aws:SourceIp', text('NotIpAddress', '10.1.0.0/16', ['10.2.0.1'], ['10.1.2.3'], true)),
];

describe.each(ROWS)('$operator $expected', ({ operator, key, expected, match, noMatch, missing }) => {
  const context = (value: string) => ({ [key.toLowerCase()]: value });

  it.each(match)('holds for %j', (value) => expect(holds({ [operator]: { [key]: expected } }, context(value))).toBe(true));
  it.each(noMatch)('fails for %j', (value) => expect(holds({ [operator]: { [key]: expected } }, context(value))).toBe(false));

  it(`is ${missing} without the key`, () => expect(holds({ [operator]: { [key]: expected } }, {})).toBe(missing));
  it('with IfExists is true without the key, and the same with it', () => {
    const element = { [`${operator}IfExists`]: { [key]: expected } };
    expect(holds(element, {})).toBe(true);
    expect(match.map((value) => holds(element, context(value)))).not.toContain(false);
    expect(noMatch.map((value) => holds(element, context(value)))).not.toContain(true);
  });
  it('with ForAnyValue is false without the key', () =>
    expect(holds({ [`ForAnyValue:${operator}`]: { [key]: expected } }, {})).toBe(false));
  it('with ForAllValues is true without the key', () =>
    expect(holds({ [`ForAllValues:${operator}`]: { [key]: expected } }, {})).toBe(true));
  it('fulfils nothing on a multivalued key', () => {
    const values = [...match, ...noMatch];
    const lists = [...values.map((value) => [value]), values];
    expect(lists.map((list) => holds({ [operator]: { [key]: expected } }, { [key.toLowerCase()]: list }))).not.toContain(true);
  });
});

describe('Null', () => {
  const present = { 'sts:externalid': 'ws-1' };
  it.each([
    ['true', {}, true],
    ['true', present, false],
    ['false', {}, false],
    ['false', present, true],
    [true, {}, true],
  ])('%j with %j is %j', (expected, context, result) => expect(holds({ Null: { 'sts:ExternalId': expected } }, context)).toBe(result));
});

describe('a multivalued key', () => {
  const tags = (...keys: string[]) => ({ 'aws:tagkeys': keys });
  it.each([
    ['ForAnyValue:StringEquals', ['a', 'b'], ['b', 'c'], true],
    ['ForAnyValue:StringEquals', ['a', 'b'], ['c', 'd'], false],
    ['ForAnyValue:StringNotEquals', ['a'], ['a', 'b'], true],
    ['ForAnyValue:StringNotEquals', ['a'], ['a'], false],
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'b'], true],
    ['ForAllValues:StringEquals', ['a', 'b'], ['a', 'c'], false],
    ['ForAllValues:StringLike', ['a*'], ['ab', 'ac'], true],
    ['ForAllValues:StringNotEquals', ['a'], ['b', 'c'], true],
    ['ForAllValues:StringNotEquals', ['a'], ['a', 'b'], false],
  ])('%s %j over %j is %j', (operator, expected, actual, result) => {
    expect(holds({ [operator]: { 'aws:TagKeys': expected } }, tags(...actual))).toBe(result);
  });

  it('that is empty counts as missing', () => {
    expect(holds({ 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' } }, tags())).toBe(true);
    expect(holds({ 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'a' } }, tags())).toBe(false);
    expect(holds({ 'ForAnyValue:StringEqualsIfExists': { 'aws:TagKeys': 'a' } }, tags())).toBe(true);
  });
});

describe('a Condition element', () => {
  const context = { 'sts:externalid': 'ws-1', 'aws:principalaccount': '999988887777', 'aws:userid': 'AROA:visit' };

  it('needs every operator', () => {
    const element = (id: string) => ({ StringEquals: { 'sts:ExternalId': id }, StringLike: { 'aws:PrincipalAccount': '9999*' } });
    expect(holds(element('ws-1'), context)).toBe(true);
    expect(holds(element('ws-2'), context)).toBe(false);
  });

  it('needs every key of an operator', () => {
    expect(holds({ StringEquals: { 'sts:ExternalId': 'ws-1', 'aws:PrincipalAccount': '1' } }, context)).toBe(false);
  });

  it('names keys in any case', () => expect(holds({ StringEquals: { 'STS:externalID': 'ws-1' } }, context)).toBe(true));
  it('puts variables in', () => expect(holds({ StringEquals: { 'aws:userid': '${aws:userid}' } }, context)).toBe(true));

  it('holds neither way when a variable has no value', () => {
    expect(holds({ StringEquals: { 'aws:userid': '${aws:username}' } }, context)).toBe(false);
    expect(holds({ StringNotEquals: { 'aws:userid': '${aws:username}' } }, context)).toBe(false);
  });

  it('holds when it is empty', () => expect(holds({}, context)).toBe(true));
});

describe('a Condition element is refused', () => {
  it.each([
    ['an unknown operator', { StringSimilar: { 'aws:userid': 'x' } }, 'Invalid condition operator: StringSimilar'],
    ['an operator in another case', { stringEquals: { 'aws:userid': 'x' } }, 'Invalid condition operator'],
    ['an unknown quantifier', { 'ForSomeValues:StringEquals': { 'aws:userid': 'x' } }, 'Invalid condition operator'],
    ['Null with IfExists', { NullIfExists: { 'aws:userid': 'true' } }, 'Invalid condition operator'],
    ['Null with a quantifier', { 'ForAnyValue:Null': { 'aws:userid': 'true' } }, 'Invalid condition operator'],
    ['BinaryEquals', { BinaryEquals: { 'aws:userid': 'eA==' } }, 'Invalid condition operator'],
    ['a name of Object.prototype', { constructor: { 'aws:userid': 'x' } }, 'Invalid condition operator'],
    ['an unknown key', { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }, 'does not support the condition key aws:PrincipalOrgID'],
    ['a key with a tag', { StringEquals: { 'aws:PrincipalTag/team': 'x' } }, 'does not support the condition key'],
    ['an encryption context', { StringEquals: { 'kms:EncryptionContext:app': 'x' } }, 'does not support the condition key'],
    ['a key without a service', { StringEquals: { externalId: 'x' } }, 'must be prefaced by a vendor'],
    ['a date operator on a text', { DateLessThan: { 'sts:ExternalId': NOON } }, 'does not support the operator DateLessThan'],
    ['an ARN operator on a text', { ArnLike: { 'sts:ExternalId': ROLE } }, 'does not support the operator ArnLike'],
    ['an ARN of too few segments', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:*' } }, 'does not support the value "arn:aws:*"'],
    ['a number that is none', { NumericEquals: { 'aws:EpochTime': '1e3' } }, 'does not support the value'],
    ['a date that is none', { DateLessThan: { 'aws:CurrentTime': '2026-13-01' } }, 'does not support the value'],
    ['a date in words', { DateLessThan: { 'aws:CurrentTime': 'tomorrow' } }, 'does not support the value'],
    ['an address that is none', { IpAddress: { 'aws:SourceIp': '10.0.0.0/33' } }, 'does not support the value'],
    ['a truth value that is none', { Bool: { 'kms:MultiRegion': '1' } }, 'does not support the value'],
    ['Null with two values', { Null: { 'aws:userid': ['true', 'false'] } }, 'with the operator Null'],
    ['an empty list', { StringEquals: { 'aws:userid': [] } }, 'Syntax errors in policy.'],
    ['an object as value', { StringEquals: { 'aws:userid': {} } }, 'Syntax errors in policy.'],
    ['a list of operators', [], 'Syntax errors in policy.'],
    ['keys in a list', { StringEquals: ['aws:userid'] }, 'Syntax errors in policy.'],
  ])('with %s', (_, element, message) => {
    const parse = () => parseConditions(element, { variables: true });
    expect(parse).toThrow(MalformedPolicy);
    expect(parse).toThrow(message);
  });
});
