import { MalformedPolicy, unsupported } from './malformed-policy.js';
import { type Condition, parseConditions } from './policy-conditions.js';
import { type JsonObject, policyObject, policyText, policyTexts, SYNTAX_ERROR } from './policy-json.js';
import { type InvalidPrincipal, parsePrincipals, type Principal, type PrincipalDirectory } from './policy-principals.js';
import { parseTemplate, type Template } from './policy-template.js';

export const POLICY_KINDS = ['identity', 'session', 'trust', 'key'] as const;
export type PolicyKind = (typeof POLICY_KINDS)[number];

export interface Statement {
  readonly sid?: string;
  readonly effect: 'Allow' | 'Deny';
  /** Only in trust and key policies. */
  readonly principals?: readonly Principal[];
  readonly actions: TemplateList;
  /** Not in trust policies. */
  readonly resources?: TemplateList;
  readonly conditions: readonly Condition[];
}

/** `negated` for NotAction and NotResource: everything but these. */
export interface TemplateList {
  readonly negated: boolean;
  readonly templates: readonly Template[];
}

export interface StatementRules {
  kind: PolicyKind;
  /** Whether `${…}` are variables, which they are under version 2012-10-17. */
  variables: boolean;
  directory: PrincipalDirectory;
}

const ELEMENTS = ['Sid', 'Effect', 'Principal', 'NotPrincipal', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];

/** @throws MalformedPolicy */
export function parseStatement(json: unknown, rules: StatementRules): Statement {
  const element = policyObject(json, ELEMENTS);
  const sid = parseSid(element.Sid, rules.kind);
  const effect = parseEffect(element.Effect);
  const principals = parsePrincipalElement(element, rules);
  const actions = parseActions(element, rules.kind);
  const resources = parseResources(element, rules);
  const conditions = parseConditions(element.Condition, rules);
  return {
    ...(sid !== undefined && { sid }),
    effect,
    ...(principals && { principals }),
    actions,
    ...(resources && { resources }),
    conditions,
  };
}

function parseSid(value: unknown, kind: PolicyKind): string | undefined {
  if (value === undefined) return undefined;
  const sid = policyText(value);
  // KMS alone allows more: the console's own default key policy has spaces in its Sids.
  if (kind !== 'key' && !/^[0-9A-Za-z]*$/.test(sid)) {
    throw new MalformedPolicy(
      'Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*',
    );
  }
  return sid;
}

function parseEffect(value: unknown): 'Allow' | 'Deny' {
  if (value !== 'Allow' && value !== 'Deny') throw new MalformedPolicy(SYNTAX_ERROR);
  return value;
}

const hasPrincipals = (kind: PolicyKind): boolean => kind === 'trust' || kind === 'key';

function parsePrincipalElement(element: JsonObject, { kind, directory }: StatementRules): Principal[] | undefined {
  if (!hasPrincipals(kind)) {
    if (element.Principal === undefined && element.NotPrincipal === undefined) return undefined;
    throw new MalformedPolicy('Policy document should not specify a principal.');
  }
  if (element.NotPrincipal !== undefined) {
    throw element.Effect === 'Allow' ? new MalformedPolicy('Allow with NotPrincipal is not allowed.') : unsupported('NotPrincipal');
  }
  if (element.Principal === undefined) throw new MalformedPolicy('Missing required field Principal');
  return parsePrincipals(element.Principal, { directory, invalid: kind === 'key' ? invalidKeyPrincipal : invalidTrustPrincipal });
}

const invalidTrustPrincipal: InvalidPrincipal = (type, name) => new MalformedPolicy(`Invalid principal in policy: "${type}":"${name}"`);
const invalidKeyPrincipal: InvalidPrincipal = () => new MalformedPolicy('Policy contains a statement with one or more invalid principals.');

function parseActions(element: JsonObject, kind: PolicyKind): TemplateList {
  const list = eitherOf(element, 'Action', 'NotAction');
  if (list === undefined || list.texts.length === 0) throw new MalformedPolicy('Policy statement must contain actions.');
  list.texts.forEach((action) => checkAction(action, kind));
  return { negated: list.negated, templates: list.texts.map((action) => parseTemplate(action, { wildcards: true, variables: false })) };
}

function checkAction(action: string, kind: PolicyKind): void {
  const [vendor = '', name, ...rest] = action.split(':');
  if (kind === 'trust' && vendor.toLowerCase() !== 'sts')
    throw new MalformedPolicy('AssumeRole policy may only specify STS AssumeRole actions.');
  if (action === '*') return;
  if (name === undefined) throw new MalformedPolicy('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
  if (rest.length > 0) throw new MalformedPolicy('Actions/Condition can contain only one colon.');
  if (!/^[a-zA-Z0-9.-]+$/.test(vendor)) throw new MalformedPolicy(`Vendor ${vendor} is not valid`);
  if (!/^[a-zA-Z0-9*?]+$/.test(name)) throw new MalformedPolicy(SYNTAX_ERROR);
}

function parseResources(element: JsonObject, { kind, variables }: StatementRules): TemplateList | undefined {
  if (kind === 'trust') {
    refuseResources(element);
    return undefined;
  }
  const list = eitherOf(element, 'Resource', 'NotResource');
  // KMS saves a statement without Resource and lets it have no effect; refusing it says so.
  if (list === undefined || list.texts.length === 0) throw new MalformedPolicy('Policy statement must contain resources.');
  list.texts.forEach(checkResource);
  return { negated: list.negated, templates: list.texts.map((text) => parseTemplate(text, { wildcards: true, variables })) };
}

function refuseResources(element: JsonObject): void {
  if (element.Resource !== undefined) throw new MalformedPolicy('Has prohibited field Resource');
  if (element.NotResource !== undefined) throw new MalformedPolicy('AssumeRole policy must not contain resources.');
}

function checkResource(resource: string): void {
  if (resource === '*') return;
  if (!resource.includes(':')) throw new MalformedPolicy(`Resource ${resource} must be in ARN format or "*".`);
  const [prefix, partition = '', ...rest] = resource.split(':');
  if (prefix !== 'arn' || (partition !== 'aws' && partition !== '*')) {
    throw new MalformedPolicy(`Partition "${partition}" is not valid for resource "${resource}".`);
  }
  if (rest.length < 4 && !rest.at(-1)?.includes('*')) throw new MalformedPolicy('The policy failed legacy parsing');
}

function eitherOf(element: JsonObject, name: string, notName: string): { negated: boolean; texts: readonly string[] } | undefined {
  const texts = policyTexts(element[name]);
  const notTexts = policyTexts(element[notName]);
  if (texts !== undefined && notTexts !== undefined) throw new MalformedPolicy(SYNTAX_ERROR);
  if (notTexts !== undefined) return { negated: true, texts: notTexts };
  return texts === undefined ? undefined : { negated: false, texts };
}
