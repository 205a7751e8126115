import { type Caller } from './caller.js';
import { MalformedPolicy, unsupported } from './malformed-policy.js';
import { policyObject, policyTexts } from './policy-json.js';

/**
 * Whom a statement means. Roles and users are kept by their unique id, as AWS does: whoever takes over
 * the name of a deleted one does not take over what was granted to it.
 */
export type Principal =
  | { readonly kind: 'anyone' }
  | { readonly kind: 'account'; readonly accountId: string }
  | { readonly kind: 'identity'; readonly id: string }
  | { readonly kind: 'session'; readonly roleId: string; readonly sessionName: string }
  /** Nobody who calls the sandbox is a service. */
  | { readonly kind: 'service'; readonly name: string };

/** Who exists; asked when a policy is saved and when it is shown. */
export interface PrincipalDirectory {
  accountExists(accountId: string): boolean;
  /** Unique id of the role or user that has this IAM ARN now. */
  idOfArn(arn: string): string | undefined;
  /** The IAM ARN of the role or user with this unique id, while it exists. */
  arnOfId(id: string): string | undefined;
  /** Role names in assumed-role ARNs come without their path. */
  roleIdOfName(accountId: string, roleName: string): string | undefined;
}

/** How a principal that does not exist, or cannot, is refused; IAM and KMS word it differently. */
export type InvalidPrincipal = (type: string, name: string) => MalformedPolicy;

interface PrincipalRules {
  directory: PrincipalDirectory;
  invalid: InvalidPrincipal;
}

/** @throws MalformedPolicy also when a principal does not exist */
export function parsePrincipals(element: unknown, rules: PrincipalRules): Principal[] {
  if (element === '*') return [{ kind: 'anyone' }];
  if (typeof element === 'string') throw rules.invalid('STAR', element);
  const principals = Object.entries(policyObject(element)).flatMap(([type, names]) =>
    (policyTexts(names) ?? []).map((name) => parsePrincipal(type, name, rules)),
  );
  if (principals.length === 0) throw new MalformedPolicy('Missing required field Principal cannot be empty!');
  return principals;
}

function parsePrincipal(type: string, name: string, { directory, invalid }: PrincipalRules): Principal {
  if (type === 'Service') return servicePrincipal(name, invalid);
  if (type !== 'AWS') throw unsupported(`principals of the type ${type}`);
  const principal = name === '*' ? { kind: 'anyone' as const } : existingPrincipal(name, directory);
  if (principal === undefined) throw invalid(type, name);
  return principal;
}

function servicePrincipal(name: string, invalid: InvalidPrincipal): Principal {
  if (!/^[a-z0-9.-]+\.amazonaws\.com$/.test(name)) throw invalid('SERVICE', name);
  return { kind: 'service', name };
}

const ACCOUNT = /^(?:arn:aws:iam::)?(\d{12})(:root)?$/;
const SESSION = /^arn:aws:sts::(\d{12}):assumed-role\/([^/]+)\/([^/]+)$/;

function existingPrincipal(name: string, directory: PrincipalDirectory): Principal | undefined {
  const account = accountOf(name);
  if (account !== undefined) return directory.accountExists(account) ? { kind: 'account', accountId: account } : undefined;
  const [, accountId, roleName, sessionName] = SESSION.exec(name) ?? [];
  if (accountId === undefined || roleName === undefined || sessionName === undefined) return identity(directory.idOfArn(name));
  const roleId = directory.roleIdOfName(accountId, roleName);
  return roleId === undefined || sessionName.includes('*') ? undefined : { kind: 'session', roleId, sessionName };
}

/** The bare number and the root ARN say the same; a half of either says nothing. */
function accountOf(name: string): string | undefined {
  const [whole, accountId, root] = ACCOUNT.exec(name) ?? [];
  return whole?.startsWith('arn:') === (root !== undefined) ? accountId : undefined;
}

const identity = (id: string | undefined): Principal | undefined => (id === undefined ? undefined : { kind: 'identity', id });

/** How closely a principal names the caller; what a grant is worth depends on it. */
export const PRINCIPAL_MATCHES = ['session', 'identity', 'account'] as const;
export type PrincipalMatch = (typeof PRINCIPAL_MATCHES)[number];

export function matchPrincipal(principal: Principal, caller: Caller): PrincipalMatch | undefined {
  switch (principal.kind) {
    case 'anyone':
      return 'identity';
    case 'account':
      return caller.accountId === principal.accountId ? 'account' : undefined;
    case 'identity':
      return uniqueId(caller) === principal.id ? 'identity' : undefined;
    case 'session':
      return caller.userId === `${principal.roleId}:${principal.sessionName}` ? 'session' : undefined;
    case 'service':
      return undefined;
  }
}

const uniqueId = (caller: Caller): string => (caller.kind === 'session' ? caller.roleId : caller.userId);

/** As AWS shows it: by name while it exists, afterwards by the unique id. */
export function renderPrincipals(principals: readonly Principal[], directory: PrincipalDirectory): Record<string, string | string[]> {
  const names: Record<'AWS' | 'Service', string[]> = { AWS: [], Service: [] };
  for (const principal of principals) names[principal.kind === 'service' ? 'Service' : 'AWS'].push(renderPrincipal(principal, directory));
  const used = Object.entries(names).filter(([, list]) => list.length > 0);
  return Object.fromEntries(used.map(([type, [first = '', ...others]]) => [type, others.length === 0 ? first : [first, ...others]]));
}

function renderPrincipal(principal: Principal, directory: PrincipalDirectory): string {
  switch (principal.kind) {
    case 'anyone':
      return '*';
    case 'account':
      return `arn:aws:iam::${principal.accountId}:root`;
    case 'identity':
      return directory.arnOfId(principal.id) ?? principal.id;
    case 'session':
      return renderSession(principal, directory.arnOfId(principal.roleId));
    case 'service':
      return principal.name;
  }
}

function renderSession({ roleId, sessionName }: { roleId: string; sessionName: string }, roleArn: string | undefined): string {
  const [, accountId, roleName] = /^arn:aws:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(roleArn ?? '') ?? [];
  if (accountId === undefined || roleName === undefined) return `${roleId}:${sessionName}`;
  return `arn:aws:sts::${accountId}:assumed-role/${roleName}/${sessionName}`;
}
