import { BlockList, isIP } from 'node:net';
import { type ConditionContext } from './condition-context.js';
import { type ConditionKeyType } from './condition-keys.js';
import { arnSegments, matchesArnTemplate, matchesTemplate, type Template } from './policy-template.js';

export interface ConditionOperator {
  /** The types of condition keys it compares; another type is refused when the policy is saved. */
  readonly keyTypes: readonly ConditionKeyType[];
  /** True for the "Not" forms: `matches` is the positive test, of which none may hold. */
  readonly negated: boolean;
  readonly wildcards: boolean;
  readonly variables: boolean;
  readonly accepts: (expected: Template) => boolean;
  readonly matches: (expected: Template, actual: string, context: ConditionContext) => boolean;
}

const ANY_TYPE = ['string', 'arn', 'bool', 'date', 'ip'] as const;

const text = (options: { negated?: boolean; wildcards?: boolean; ignoreCase?: boolean }): ConditionOperator => ({
  keyTypes: ANY_TYPE,
  negated: options.negated ?? false,
  wildcards: options.wildcards ?? false,
  variables: true,
  accepts: () => true,
  matches: (expected, actual, context) => matchesTemplate(expected, actual, { context, ignoreCase: options.ignoreCase ?? false }),
});

const arn = (negated: boolean): ConditionOperator => ({
  keyTypes: ['arn'],
  negated,
  wildcards: true,
  variables: true,
  accepts: (expected) => arnSegments(expected).length === 6,
  matches: matchesArnTemplate,
});

function typed<T>(
  keyTypes: readonly ConditionKeyType[],
  parse: (value: string) => T | undefined,
  holds: (actual: T, expected: T) => boolean,
  negated = false,
): ConditionOperator {
  const compare = (actual: T | undefined, expected: T | undefined) =>
    actual !== undefined && expected !== undefined && holds(actual, expected);
  return {
    keyTypes,
    negated,
    wildcards: false,
    variables: false,
    accepts: (expected) => parse(literal(expected)) !== undefined,
    matches: (expected, actual) => compare(parse(actual), parse(literal(expected))),
  };
}

const literal = (template: Template): string => template.filter((part) => typeof part === 'string').join('');

type Comparison = (actual: number, expected: number) => boolean;
const equal: Comparison = (actual, expected) => actual === expected;
const less: Comparison = (actual, expected) => actual < expected;
const atMost: Comparison = (actual, expected) => actual <= expected;
const greater: Comparison = (actual, expected) => actual > expected;
const atLeast: Comparison = (actual, expected) => actual >= expected;

const numeric = (holds: Comparison, negated = false): ConditionOperator => typed(['date'], parseNumber, holds, negated);
const date = (holds: Comparison, negated = false): ConditionOperator => typed(['date'], parseDate, holds, negated);

function parseNumber(value: string): number | undefined {
  return /^[+-]?\d+(\.\d+)?$/.test(value) ? Number(value) : undefined;
}

const ISO_DATE = /^\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))?)?)?$/;

/** Milliseconds; the text is ISO 8601 or epoch seconds. */
function parseDate(value: string): number | undefined {
  if (/^\d{5,}$/.test(value)) return Number(value) * 1000;
  const time = ISO_DATE.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

function parseBool(value: string): boolean | undefined {
  const folded = value.toLowerCase();
  return folded === 'true' || folded === 'false' ? folded === 'true' : undefined;
}

interface Subnet {
  address: string;
  prefix: number;
  family: 'ipv4' | 'ipv6';
}

function parseSubnet(value: string): Subnet | undefined {
  const [address = '', prefix, ...rest] = value.split('/');
  const version = isIP(address);
  const bits = version === 4 ? 32 : 128;
  const length = prefix === undefined ? bits : parseNumber(prefix);
  if (version === 0 || rest.length > 0 || length === undefined || !Number.isInteger(length) || length < 0 || length > bits)
    return undefined;
  return { address, prefix: length, family: version === 4 ? 'ipv4' : 'ipv6' };
}

function within(actual: Subnet, expected: Subnet): boolean {
  const list = new BlockList();
  list.addSubnet(expected.address, expected.prefix, expected.family);
  return list.check(actual.address, actual.family);
}

const ip = (negated: boolean): ConditionOperator => typed(['ip'], parseSubnet, within, negated);

/** All but Null, which asks whether a key is there and is decided before any value is looked at. */
const CONDITION_OPERATORS = {
  StringEquals: text({}),
  StringNotEquals: text({ negated: true }),
  StringEqualsIgnoreCase: text({ ignoreCase: true }),
  StringNotEqualsIgnoreCase: text({ ignoreCase: true, negated: true }),
  StringLike: text({ wildcards: true }),
  StringNotLike: text({ wildcards: true, negated: true }),
  ArnEquals: arn(false),
  ArnLike: arn(false),
  ArnNotEquals: arn(true),
  ArnNotLike: arn(true),
  Bool: typed(['bool'], parseBool, (actual, expected) => actual === expected),
  NumericEquals: numeric(equal),
  NumericNotEquals: numeric(equal, true),
  NumericLessThan: numeric(less),
  NumericLessThanEquals: numeric(atMost),
  NumericGreaterThan: numeric(greater),
  NumericGreaterThanEquals: numeric(atLeast),
  DateEquals: date(equal),
  DateNotEquals: date(equal, true),
  DateLessThan: date(less),
  DateLessThanEquals: date(atMost),
  DateGreaterThan: date(greater),
  DateGreaterThanEquals: date(atLeast),
  IpAddress: ip(false),
  NotIpAddress: ip(true),
} as const satisfies Readonly<Record<string, ConditionOperator>>;

export type OperatorName = keyof typeof CONDITION_OPERATORS;

export const isOperatorName = (name: string): name is OperatorName => Object.hasOwn(CONDITION_OPERATORS, name);
export const conditionOperator = (name: OperatorName): ConditionOperator => CONDITION_OPERATORS[name];
