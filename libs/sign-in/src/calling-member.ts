import { AccessError, type Principal, type RequestContext } from '#access';

export type CallingMember = Extract<Principal, { kind: 'member' }>;

/** For what only people have: sessions, passwords. Throws `forbidden` for everybody else. */
export function callingMember({ principal }: RequestContext): CallingMember {
  if (principal.kind !== 'member') throw new AccessError('forbidden');
  return principal;
}
