/** Kinds of identity that AWS tells apart. They stay apart here too: a name that two of them share makes them no kin. */
export const AWS_PRINCIPAL_KINDS = ['role', 'role-session', 'user', 'federated-user', 'root'] as const;
export type AwsPrincipalKind = (typeof AWS_PRINCIPAL_KINDS)[number];

/** An ARN taken apart. `arn` is the text that it came from, and the only spelling of it. */
export interface AwsPrincipal {
  arn: string;
  kind: AwsPrincipalKind;
  partition: string;
  /** 12 digits. */
  account: string;
  /** Of the role, user or federated user; empty for the account's root. */
  name: string;
  /** Of a role or user: `/`, or `/team/`. AWS leaves it out of the ARN of a role session. */
  path: string;
  /** Of a role session only: most callers choose it themselves. */
  sessionName?: string;
}

/** Who AWS said has signed. */
export interface ProvenAwsPrincipal extends AwsPrincipal {
  /** `AROA…`, `AIDA…`: another one when the role or user is deleted and made anew. Others have no better id than their own name. */
  uniqueId: string;
}

/** What GetCallerIdentity tells. */
export interface ToldIdentity {
  arn: string;
  account: string;
  userId: string;
}

const ARN_CHARACTERS_MAX = 700;
const OWNER = String.raw`arn:(?<partition>aws|aws-cn|aws-us-gov):`;
const ACCOUNT = String.raw`::(?<account>[0-9]{12}):`;
const CHARACTER = String.raw`[A-Za-z0-9_+=,.@-]`;
const PATH = String.raw`(?<path>/(?:${CHARACTER}+/)*)`;
const NAME = String.raw`(?<name>${CHARACTER}{1,64})`;

const FORMS: Readonly<Record<AwsPrincipalKind, RegExp>> = {
  role: new RegExp(`^${OWNER}iam${ACCOUNT}role${PATH}${NAME}$`),
  'role-session': new RegExp(`^${OWNER}sts${ACCOUNT}assumed-role/${NAME}/(?<sessionName>${CHARACTER}{2,64})$`),
  user: new RegExp(`^${OWNER}iam${ACCOUNT}user${PATH}${NAME}$`),
  'federated-user': new RegExp(`^${OWNER}sts${ACCOUNT}federated-user/(?<name>${CHARACTER}{2,32})$`),
  root: new RegExp(`^${OWNER}iam${ACCOUNT}root$`),
};

/** Undefined for everything that is no ARN of these kinds, letter by letter: what AWS would not write is nobody. */
export function parseAwsPrincipal(arn: string): AwsPrincipal | undefined {
  if (arn.length > ARN_CHARACTERS_MAX) return undefined;
  for (const kind of AWS_PRINCIPAL_KINDS) {
    const parts = FORMS[kind].exec(arn)?.groups;
    if (parts) return { arn, kind, ...partsOf(parts) };
  }
  return undefined;
}

function partsOf({ partition = '', account = '', name = '', path = '', sessionName }: Partial<Record<string, string>>) {
  return { partition, account, name, path, ...(sessionName !== undefined && { sessionName }) };
}

/**
 * The principal that STS named. Undefined when account, ARN and user id do not speak of one and the same, and for a role
 * without a session, which cannot sign.
 */
export function provenAwsPrincipal({ arn, account, userId }: ToldIdentity): ProvenAwsPrincipal | undefined {
  const principal = parseAwsPrincipal(arn);
  if (principal?.account !== account) return undefined;
  const uniqueId = uniqueIdOf(principal, userId);
  return uniqueId === undefined ? undefined : { ...principal, uniqueId };
}

function uniqueIdOf({ kind, account, name, sessionName = '' }: AwsPrincipal, userId: string): string | undefined {
  switch (kind) {
    case 'role-session':
      return userId.endsWith(`:${sessionName}`) ? matching(/^AROA[A-Z0-9]{12,124}$/, userId.slice(0, -sessionName.length - 1)) : undefined;
    case 'user':
      return matching(/^AIDA[A-Z0-9]{12,124}$/, userId);
    case 'federated-user':
      return userId === `${account}:${name}` ? userId : undefined;
    case 'root':
      return userId === account ? userId : undefined;
    case 'role':
      return undefined;
  }
}

const matching = (form: RegExp, text: string): string | undefined => (form.test(text) ? text : undefined);

/**
 * The ARNs by which a grant may mean this principal: its own, its account's root for everybody in the account, and for a
 * session its role. Compared letter by letter; no kind is ever turned into another but a session into its role.
 */
export function grantCandidates({ arn, kind, partition, account, name }: AwsPrincipal): readonly string[] {
  const root = `arn:${partition}:iam::${account}:root`;
  if (kind === 'role-session') return [arn, `arn:${partition}:iam::${account}:role/${name}`, root];
  return kind === 'root' ? [arn] : [arn, root];
}

export const GRANT_ARN_WARNINGS = {
  role_path: 'AWS leaves the path of a role out of what it tells about a session: no sign-in will ever match this ARN.',
  session_name: 'Who assumes a role usually chooses the name of the session: sensible only where the identity provider sets it.',
} as const;
export type GrantArnWarning = keyof typeof GRANT_ARN_WARNINGS;

export interface GrantArn {
  arn: string;
  warnings: readonly GrantArnWarning[];
}

/** What may stand in a grant: an ARN that could match somebody of this partition. Undefined for everything else. */
export function readGrantArn(text: string, partition = 'aws'): GrantArn | undefined {
  const principal = parseAwsPrincipal(text);
  if (principal?.partition !== partition) return undefined;
  return { arn: principal.arn, warnings: warningsOf(principal) };
}

function warningsOf({ kind, path }: AwsPrincipal): GrantArnWarning[] {
  if (kind === 'role-session') return ['session_name'];
  return kind === 'role' && path !== '/' ? ['role_path'] : [];
}
