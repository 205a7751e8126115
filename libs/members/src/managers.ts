import {
  AccessError,
  type Action,
  MEMBER_ROLES,
  type MemberHold,
  type MemberRole,
  type MemberRow,
  type MemberRows,
  ROLES,
  type RequestContext,
  type RowMacs,
  SCOPES,
  holdApiKey,
} from '#access';
import type { Queries } from '#audit';
import type { Issuer } from './invitations.js';
import { MemberError } from './member-error.js';

/** Who manages people, as it stands now and not as it stood at sign-in. */
export interface Manager extends Issuer {
  /** A service's key ranks with Super Admins. */
  role: MemberRole;
  actions: ReadonlySet<Action>;
  /** Of people. */
  memberId: string | undefined;
}

export interface Managed {
  manager: Manager;
  member: MemberRow;
}

/**
 * Finds out who manages whom, and holds both rows until the act is over: neither can change rank meanwhile, and no key can be
 * revoked.
 */
export class Managers {
  constructor(
    private readonly members: MemberRows,
    private readonly macs: RowMacs,
  ) {}

  /** Throws `forbidden` when the caller may not do `action` any more. */
  async of(tx: Queries, ctx: RequestContext, action: Action): Promise<Manager> {
    return (await this.#hold(tx, ctx, action, undefined, 'change')).manager;
  }

  /** Throws `forbidden` as above, and `member_not_found`. Says nothing about ranks. */
  async over(tx: Queries, ctx: RequestContext, action: Action, memberId: string, hold: MemberHold = 'change'): Promise<Managed> {
    const { manager, member } = await this.#hold(tx, ctx, action, memberId, hold);
    if (!member) throw new MemberError('member_not_found');
    return { manager, member };
  }

  async #hold(tx: Queries, ctx: RequestContext, action: Action, memberId: string | undefined, hold: MemberHold) {
    const ownId = ctx.principal.kind === 'member' ? ctx.principal.id : undefined;
    const key = await this.#holdKey(tx, ctx); // first, as it is when it is revoked with its invitations
    const ids = [ownId, memberId].filter((id) => id !== undefined);
    const held = await this.members.holdAll(tx, ctx.workspaceId, ids, hold);
    const manager = key ?? managerOf(ownId === undefined ? undefined : held.get(ownId));
    if (!manager?.actions.has(action)) throw new AccessError('forbidden');
    return { manager, member: memberId === undefined ? undefined : held.get(memberId) };
  }

  async #holdKey(tx: Queries, { principal, workspaceId, actions }: RequestContext): Promise<Manager | undefined> {
    if (principal.kind !== 'api_key') return undefined;
    const key = await holdApiKey(tx, this.macs, workspaceId, principal.id);
    return key && { id: key.apiKeyId, role: 'super_admin', actions, memberId: undefined, endsAt: key.expiresAt };
  }
}

function managerOf(own: MemberRow | undefined): Manager | undefined {
  if (own?.status !== 'active') return undefined;
  const { member_id: memberId, role } = own;
  return { id: memberId, role, actions: new Set(ROLES[role]), memberId, endsAt: undefined };
}

/** Throws `outranked` for one's own role and everything above; nobody is below an Owner's own rank but all others. */
export function requireRankOver({ role }: Manager, other: MemberRole): void {
  if (MEMBER_ROLES.indexOf(role) >= MEMBER_ROLES.indexOf(other)) throw new AccessError('outranked');
}

/**
 * Whether the manager can make somebody, or let somebody be, of this role. Throws `outranked`, and `beyond_own_rights` for a
 * key that has not every scope of the role: who gets in as somebody else must not gain by it.
 */
export function requireToGive(manager: Manager, role: MemberRole): void {
  requireRankOver(manager, role);
  if (!hasAllOf(manager.actions, role)) throw new AccessError('beyond_own_rights');
}

/** Leaves out what no key can have. */
export function hasAllOf(actions: ReadonlySet<Action>, role: MemberRole): boolean {
  return ROLES[role].every((action) => actions.has(action) || !SCOPES.includes(action));
}
