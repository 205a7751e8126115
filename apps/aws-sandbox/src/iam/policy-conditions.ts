import { type ConditionContext } from './condition-context.js';
import { conditionKeyType } from './condition-keys.js';
import { type ConditionOperator, conditionOperator, isOperatorName, type OperatorName } from './condition-operators.js';
import { MalformedPolicy, unsupported } from './malformed-policy.js';
import { policyObject, SYNTAX_ERROR } from './policy-json.js';
import { parseTemplate, type Template, UnresolvedVariable } from './policy-template.js';

/** One key under one operator of a Condition element. */
export type Condition = NullCondition | ValueCondition;

interface NullCondition {
  readonly operator: 'Null';
  /** In lower case. */
  readonly key: string;
  /** Whether the key has to be absent. */
  readonly absent: boolean;
}

interface ValueCondition {
  readonly operator: OperatorName;
  readonly quantifier?: Quantifier;
  readonly ifExists: boolean;
  /** In lower case. */
  readonly key: string;
  /** ORed; with a negated operator none may match. */
  readonly values: readonly Template[];
}

const QUANTIFIERS = ['ForAnyValue', 'ForAllValues'] as const;
type Quantifier = (typeof QUANTIFIERS)[number];

/** Every operator and every key of the Condition element has to hold. Throws MalformedPolicy. */
export function parseConditions(element: unknown, options: { variables: boolean }): Condition[] {
  if (element === undefined) return [];
  return Object.entries(policyObject(element)).flatMap(([operator, keys]) =>
    Object.entries(policyObject(keys)).map(([key, values]) => parseCondition(operator, key, conditionValues(values), options)),
  );
}

function parseCondition(operatorText: string, key: string, values: readonly string[], options: { variables: boolean }): Condition {
  const lowerCaseKey = knownKey(key);
  if (operatorText === 'Null') return { operator: 'Null', key: lowerCaseKey, absent: wantsAbsent(values) };
  const { quantifier, name, ifExists } = operatorParts(operatorText);
  const operator = conditionOperator(name);
  const type = conditionKeyType(lowerCaseKey);
  if (type === undefined || !operator.keyTypes.includes(type))
    throw unsupported(`the operator ${operatorText} with the condition key ${key}`);
  const templates = values.map((value) => parseValue(value, operator, { operatorText, ...options }));
  return { operator: name, ...(quantifier && { quantifier }), ifExists, key: lowerCaseKey, values: templates };
}

function knownKey(key: string): string {
  if (!key.includes(':')) throw new MalformedPolicy('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
  const lowerCaseKey = key.toLowerCase();
  if (conditionKeyType(lowerCaseKey) === undefined) throw unsupported(`the condition key ${key}`);
  return lowerCaseKey;
}

function operatorParts(text: string): { quantifier: Quantifier | undefined; name: OperatorName; ifExists: boolean } {
  const quantifier = QUANTIFIERS.find((prefix) => text.startsWith(`${prefix}:`));
  const rest = quantifier === undefined ? text : text.slice(quantifier.length + 1);
  const ifExists = rest.endsWith('IfExists');
  const name = ifExists ? rest.slice(0, -'IfExists'.length) : rest;
  if (!isOperatorName(name)) throw new MalformedPolicy(`${SYNTAX_ERROR} Invalid condition operator: ${text}`);
  return { quantifier, name, ifExists };
}

function parseValue(value: string, operator: ConditionOperator, options: { operatorText: string; variables: boolean }): Template {
  const template = parseTemplate(value, { wildcards: operator.wildcards, variables: operator.variables && options.variables });
  if (!operator.accepts(template)) throw unsupported(`the value "${value}" with the operator ${options.operatorText}`);
  return template;
}

function conditionValues(value: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (values.length === 0) throw new MalformedPolicy(SYNTAX_ERROR);
  return values.map((each) => {
    if (typeof each !== 'string' && typeof each !== 'boolean' && typeof each !== 'number') throw new MalformedPolicy(SYNTAX_ERROR);
    return String(each);
  });
}

function wantsAbsent(values: readonly string[]): boolean {
  const [value, ...others] = values;
  if (others.length > 0 || (value !== 'true' && value !== 'false'))
    throw unsupported('other values than one "true" or "false" with the operator Null');
  return value === 'true';
}

export function conditionHolds(condition: Condition, context: ConditionContext): boolean {
  const actual = context[condition.key];
  if (condition.operator === 'Null') return (actual === undefined) === condition.absent;
  const { negated } = conditionOperator(condition.operator);
  if (actual === undefined || (typeof actual !== 'string' && actual.length === 0)) return holdsWithoutKey(condition, negated);
  try {
    return holdsForValues(condition, actual, (value) => anyMatches(condition, value, context) !== negated);
  } catch (error) {
    if (error instanceof UnresolvedVariable) return false;
    throw error;
  }
}

function holdsWithoutKey({ quantifier, ifExists }: ValueCondition, negated: boolean): boolean {
  if (ifExists || quantifier === 'ForAllValues') return true;
  return quantifier === undefined && negated;
}

function holdsForValues({ quantifier }: ValueCondition, actual: string | readonly string[], holds: (value: string) => boolean): boolean {
  if (typeof actual === 'string') return holds(actual);
  if (quantifier === 'ForAnyValue') return actual.some(holds);
  if (quantifier === 'ForAllValues') return actual.every(holds);
  // Without a quantifier a multivalued key fulfils nothing, not even a negated operator.
  return false;
}

function anyMatches({ operator, values }: ValueCondition, actual: string, context: ConditionContext): boolean {
  const { matches } = conditionOperator(operator);
  return values.map((value) => matches(value, actual, context)).includes(true);
}
