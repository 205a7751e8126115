import { type ConditionContext } from './condition-context.js';
import { POLICY_VARIABLES } from './condition-keys.js';
import { unsupported } from './malformed-policy.js';

/** A text of a policy, taken apart when the policy is saved: literal text, wildcards, variables. */
export type Template = readonly TemplatePart[];
type TemplatePart = string | { readonly wildcard: '*' | '?' } | { readonly variable: string };

/** A variable has no value in this request: what holds the template matches nothing, negated or not. */
export class UnresolvedVariable extends Error {}

const PIECE = /\$\{([^}]*)\}|[*?]/g;

/** Variables exist only under policy version 2012-10-17; in older policies `${` is text. Throws MalformedPolicy. */
export function parseTemplate(text: string, allows: { wildcards: boolean; variables: boolean }): Template {
  const parts: TemplatePart[] = [];
  let end = 0;
  for (const match of text.matchAll(PIECE)) {
    const part = parsePiece(match[0], match[1], allows);
    if (part === undefined) continue;
    parts.push(text.slice(end, match.index), part);
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== '');
}

function parsePiece(piece: string, name: string | undefined, allows: { wildcards: boolean; variables: boolean }): TemplatePart | undefined {
  if (name === undefined) return allows.wildcards ? { wildcard: piece === '*' ? '*' : '?' } : undefined;
  if (!allows.variables) return undefined;
  if (name === '*' || name === '?' || name === '$') return name;
  const variable = name.toLowerCase();
  if (!POLICY_VARIABLES.has(variable)) throw unsupported(`the policy variable ${piece}`);
  return { variable };
}

const ONE = Symbol('?');
const MANY = Symbol('*');
type Token = string | typeof ONE | typeof MANY;

export interface TextMatch {
  context: ConditionContext;
  ignoreCase?: boolean;
}

/** @throws UnresolvedVariable */
export function matchesTemplate(template: Template, value: string, { context, ignoreCase = false }: TextMatch): boolean {
  const fold = ignoreCase ? foldAscii : (text: string) => text;
  return matchesTokens(
    tokensOf(template, context).map((token) => (typeof token === 'string' ? fold(token) : token)),
    characters(fold(value)),
  );
}

/** Segment by segment: unlike in a plain text, a wildcard does not reach over the first five colons of an ARN. */
export function matchesArnTemplate(template: Template, value: string, context: ConditionContext): boolean {
  const expected = arnSegments(template);
  const actual = splitArn(value);
  if (expected.length !== 6 || actual.length !== 6) return false;
  return expected.every((segment, index) => matchesTemplate(segment, actual[index] ?? '', { context }));
}

/** Six when the template can match an ARN at all. */
export function arnSegments(template: Template): Template[] {
  const segments: TemplatePart[][] = [[]];
  for (const part of template) {
    if (typeof part !== 'string') segments.at(-1)?.push(part);
    else splitLiteral(part, segments);
  }
  return segments;
}

function splitLiteral(literal: string, segments: TemplatePart[][]): void {
  const [head = '', ...tail] = literal.split(':');
  segments.at(-1)?.push(head);
  for (const piece of tail) {
    if (segments.length < 6) segments.push([piece]);
    else segments.at(-1)?.push(`:${piece}`);
  }
}

function splitArn(arn: string): string[] {
  const pieces = arn.split(':');
  return [...pieces.slice(0, 5), ...(pieces.length > 5 ? [pieces.slice(5).join(':')] : [])];
}

/** Code points: what `?` stands for one of. */
const characters = (text: string): string[] => Array.from(text);

const tokensOf = (template: Template, context: ConditionContext): Token[] =>
  template.flatMap((part): Token[] => {
    if (typeof part === 'string') return characters(part);
    if ('wildcard' in part) return [part.wildcard === '*' ? MANY : ONE];
    const value = context[part.variable];
    if (typeof value !== 'string') throw new UnresolvedVariable(part.variable);
    return characters(value);
  });

/** Two pointers and one way back, so that a pattern full of asterisks costs no more than length times length. */
function matchesTokens(pattern: readonly Token[], value: readonly string[]): boolean {
  let at = 0;
  let index = 0;
  let star = -1;
  let starIndex = 0;
  while (index < value.length) {
    const token = pattern[at];
    if (token === MANY) {
      star = at++;
      starIndex = index;
    } else if (token !== undefined && (token === ONE || token === value[index])) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++starIndex;
    } else return false;
  }
  return pattern.slice(at).every((token) => token === MANY);
}

/** A to Z only: the sandbox does not imitate what AWS makes of other letters. */
const foldAscii = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
