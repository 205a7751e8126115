import { MalformedPolicy } from './malformed-policy.js';
import { policyObject, policyText, refuseRepeatedMembers, SYNTAX_ERROR } from './policy-json.js';
import { type PrincipalDirectory, renderPrincipals } from './policy-principals.js';
import { parseStatement, type PolicyKind, type Statement } from './policy-statement.js';

/** A policy as saved: principals stand as unique ids. Plain data, fit for JSON. */
export interface PolicyDocument {
  readonly id?: string;
  readonly statements: readonly Statement[];
  /** As it was given. */
  readonly source: string;
}

const NO_PRINCIPALS: PrincipalDirectory = {
  accountExists: () => false,
  idOfArn: () => undefined,
  arnOfId: () => undefined,
  roleIdOfName: () => undefined,
};

/**
 * Takes a policy apart and refuses whatever is malformed or not imitated. The directory, which policies with
 * principals need, tells who exists.
 * @throws MalformedPolicy with AWS's words
 */
export function parsePolicy(text: string, kind: PolicyKind, directory: PrincipalDirectory = NO_PRINCIPALS): PolicyDocument {
  const document = policyObject(parseJson(text, kind), ['Version', 'Id', 'Statement']);
  refuseRepeatedMembers(text);
  const variables = parseVersion(document.Version) === '2012-10-17';
  const id = document.Id === undefined ? undefined : policyText(document.Id);
  const statements = statementList(document.Statement, kind).map((each) => parseStatement(each, { kind, variables, directory }));
  refuseRepeatedSids(statements);
  return { ...(id !== undefined && { id }), statements, source: text };
}

function parseJson(text: string, kind: PolicyKind): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedPolicy(kind === 'trust' ? 'This policy contains invalid Json' : SYNTAX_ERROR);
  }
}

function parseVersion(value: unknown): '2012-10-17' | '2008-10-17' {
  if (value === undefined) return '2008-10-17';
  if (value !== '2012-10-17' && value !== '2008-10-17') throw new MalformedPolicy(SYNTAX_ERROR);
  return value;
}

function statementList(value: unknown, kind: PolicyKind): readonly unknown[] {
  const statements: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (statements.length > 0) return statements;
  throw new MalformedPolicy(kind === 'trust' ? 'Could not parse the policy: Statement is empty!' : SYNTAX_ERROR);
}

function refuseRepeatedSids(statements: readonly Statement[]): void {
  const sids = statements.map(({ sid }) => sid).filter((sid) => sid !== undefined && sid !== '');
  if (new Set(sids).size !== sids.length) throw new MalformedPolicy('Statement IDs (SID) in a single policy must be unique.');
}

/** The policy's JSON as AWS shows it: principals by their present names, or by unique id when they are gone. */
export function renderPolicy(document: PolicyDocument, directory: PrincipalDirectory): string {
  const json = policyObject(JSON.parse(document.source));
  const sources: readonly unknown[] = Array.isArray(json.Statement) ? json.Statement : [json.Statement];
  const statements = sources.map((source, index) => renderStatement(policyObject(source), document.statements[index], directory));
  return JSON.stringify({ ...json, Statement: statements });
}

function renderStatement(source: object, statement: Statement | undefined, directory: PrincipalDirectory): object {
  if (statement?.principals === undefined || ('Principal' in source && source.Principal === '*')) return source;
  return { ...source, Principal: renderPrincipals(statement.principals, directory) };
}

/** What AWS's policy quotas count: characters, without white space outside of texts. */
export const policySize = (text: string): number =>
  text.replace(/"(?:[^"\\]|\\.)*"|\s+/g, (piece) => (piece.startsWith('"') ? piece : '')).length;
