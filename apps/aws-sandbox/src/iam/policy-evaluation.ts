import { type Caller } from './caller.js';
import { type ConditionContext } from './condition-context.js';
import { conditionHolds } from './policy-conditions.js';
import { type PolicyDocument } from './policy-document.js';
import { matchPrincipal, PRINCIPAL_MATCHES, type PrincipalMatch } from './policy-principals.js';
import { type Statement, type TemplateList } from './policy-statement.js';
import { matchesTemplate, UnresolvedVariable } from './policy-template.js';

export interface PolicyRequest {
  action: string;
  resource: string;
  context: ConditionContext;
}

export type Verdict = 'allow' | 'deny' | 'silent';

/** What several policies without principals say together: a Deny in any of them decides. */
export function evaluatePolicies(policies: readonly PolicyDocument[], request: PolicyRequest): Verdict {
  const effects = policies.flatMap(({ statements }) => statements.filter((each) => applies(each, request)).map(({ effect }) => effect));
  if (effects.includes('Deny')) return 'deny';
  return effects.includes('Allow') ? 'allow' : 'silent';
}

/** `deny`, or how the policy's closest Allow names the caller; undefined when it says nothing about the caller. */
export type ResourceVerdict = 'deny' | PrincipalMatch | undefined;

export function evaluateResourcePolicy(policy: PolicyDocument, caller: Caller, request: PolicyRequest): ResourceVerdict {
  const matches = policy.statements
    .map((statement) => ({ effect: statement.effect, match: closestMatch(statement, caller), statement }))
    .filter(({ match, statement }) => match !== undefined && applies(statement, request));
  if (matches.some(({ effect }) => effect === 'Deny')) return 'deny';
  return closest(matches.map(({ match }) => match));
}

const closestMatch = ({ principals = [] }: Statement, caller: Caller): PrincipalMatch | undefined =>
  closest(principals.map((principal) => matchPrincipal(principal, caller)));

const closest = (matches: readonly (PrincipalMatch | undefined)[]): PrincipalMatch | undefined =>
  PRINCIPAL_MATCHES.find((match) => matches.includes(match));

function applies(statement: Statement, { action, resource, context }: PolicyRequest): boolean {
  return (
    listMatches(statement.actions, action, context, true) &&
    (statement.resources === undefined || listMatches(statement.resources, resource, context, false)) &&
    statement.conditions.every((condition) => conditionHolds(condition, context))
  );
}

function listMatches({ templates, negated }: TemplateList, value: string, context: ConditionContext, ignoreCase: boolean): boolean {
  try {
    return templates.map((template) => matchesTemplate(template, value, { context, ignoreCase })).includes(true) !== negated;
  } catch (error) {
    if (error instanceof UnresolvedVariable) return false;
    throw error;
  }
}
