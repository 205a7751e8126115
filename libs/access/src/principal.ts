import type { MemberRole } from './actions.js';

/** An AWS identity as STS told it, and the session it got. Everything but the ARN and the unique id is for the record. */
export interface AwsCaller {
  /** The caller's own ARN: a role session's, not its role's. */
  arn: string;
  account: string;
  /** `AROA…`, `AIDA…` or the account: what stays the same only as long as it is the same identity. */
  uniqueId: string;
  /** Masked. */
  accessKeyId: string;
  /** Whether it had signed that it meant this workspace. */
  audienceBound: boolean;
}

/** A person or machine that can be named in the audit trail. `id` names whom a grant could name; never a credential. */
export type Principal =
  | { kind: 'operator'; role: 'operator'; id: 'operator'; name: string }
  /** The service itself, which does what time brings: nobody asked for it. */
  | { kind: 'system'; role: 'system'; id: 'system'; name: string }
  | { kind: 'anonymous'; role: 'anonymous'; id: 'anonymous'; name: string }
  | { kind: 'api_key'; role: 'api_key'; id: string; name: string }
  /** Whoever holds a link for AWS administrators; `name` is what the link was called when it was made. */
  | { kind: 'setup_link'; role: 'setup_link'; id: string; name: string }
  | { kind: 'member'; role: MemberRole; id: string; name: string; email: string; sessionId: string }
  | { kind: 'aws'; role: 'aws'; id: string; name: string; sessionId: string; aws: AwsCaller };

export const OPERATOR = { kind: 'operator', role: 'operator', id: 'operator', name: 'Operator' } as const satisfies Principal;

/** What the trail keeps of a principal besides kind, role, id and name. */
export function callerDetails(principal: Principal): Readonly<Record<string, unknown>> | undefined {
  if (principal.kind === 'member') return { sessionId: principal.sessionId, email: principal.email };
  if (principal.kind === 'aws') return { sessionId: principal.sessionId, ...principal.aws };
  return undefined;
}
