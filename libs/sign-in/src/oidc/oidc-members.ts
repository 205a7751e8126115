import { type MemberRow, type MemberRows, NO_INVITATION } from '#access';
import type { AuditEvent, Queries } from '#audit';
import { again, liveUntil } from '../invitation-claim.js';
import type { IdentityProviderRow, IdentityProviderRows } from './identity-provider-rows.js';
import type { MemberIdentities } from './member-identities.js';
import type { OidcIdentity } from './oidc-identity.js';
import { OidcRefusal, type OidcRefusalReason } from './oidc-refusal.js';
import type { ProviderGroups } from './provider-groups.js';

export interface AdmittedMember {
  member: MemberRow;
  /** What came of it: that they joined, and which groups they are in now. */
  events: AuditEvent[];
}

/** Which member a provider means, and what follows from its word. */
export class OidcMembers {
  constructor(
    private readonly rows: IdentityProviderRows,
    private readonly members: MemberRows,
    private readonly identities: MemberIdentities,
    private readonly groups: ProviderGroups,
  ) {}

  /** Who they are known to be, or else whom their verified address makes them. Throws OidcRefusal. */
  async find(tx: Queries, workspaceId: string, providerId: string, identity: OidcIdentity): Promise<MemberRow> {
    // in this order: who becomes known in between is found to be so, and not to be somebody whom the provider knows as another
    const linkable = await this.#byEmail(tx, workspaceId, providerId, identity);
    const member = (await this.#known(tx, workspaceId, providerId, identity)) ?? linkable;
    if (typeof member === 'string') throw refusal(member, identity);
    if (member.status === 'suspended') throw refusal('member_suspended', identity);
    return member;
  }

  /** Only who they are known to be: nobody becomes known by it. Throws OidcRefusal. */
  async findKnown(tx: Queries, workspaceId: string, providerId: string, identity: OidcIdentity): Promise<MemberRow> {
    const known = await this.#known(tx, workspaceId, providerId, identity);
    if (known?.status !== 'active') throw refusal('another_person', identity);
    return known;
  }

  /** Lets in whom `find` answered, if they are still the one: from now on they are known, and active. Throws OidcRefusal. */
  async admit(tx: Queries, workspaceId: string, providerId: string, identity: OidcIdentity, memberId: string): Promise<AdmittedMember> {
    await this.members.findToChange(tx, workspaceId, memberId); // of two that come first at the same time, one waits here
    const found = await this.find(tx, workspaceId, providerId, identity);
    if (found.member_id !== memberId) throw refusal('another_person', identity);
    if (!(await this.identities.isLinked(tx, memberId, providerId)))
      await this.identities.insert(tx, workspaceId, { providerId, subject: identity.subject, memberId });
    const { member, events } = await this.#joined(tx, workspaceId, found, identity);
    return { member, events: [...events, ...(await this.groupEvents(tx, workspaceId, providerId, member, identity))] };
  }

  groupEvents(tx: Queries, workspaceId: string, providerId: string, member: MemberRow, { groups }: OidcIdentity): Promise<AuditEvent[]> {
    return this.groups.replace(tx, workspaceId, providerId, member, groups);
  }

  async #known(tx: Queries, workspaceId: string, providerId: string, identity: OidcIdentity): Promise<MemberRow | undefined> {
    const known = await this.identities.find(tx, workspaceId, providerId, identity.subject);
    if (!known) return undefined;
    const member = known.memberId === undefined ? undefined : await this.members.find(tx, workspaceId, known.memberId);
    if (!member) throw refusal('identity_not_genuine', identity);
    return member;
  }

  /** Whom a verified address makes them, or why nobody. */
  async #byEmail(
    tx: Queries,
    workspaceId: string,
    providerId: string,
    { verifiedEmail }: OidcIdentity,
  ): Promise<MemberRow | OidcRefusalReason> {
    if (verifiedEmail === undefined) return 'email_not_verified';
    const member = await this.members.findByEmail(tx, workspaceId, verifiedEmail);
    if (!member) return 'unknown_person';
    if (await this.identities.isLinked(tx, member.member_id, providerId)) return 'linked_to_another_subject';
    const provider = await this.rows.find(tx, workspaceId, providerId);
    if (!provider) return 'provider_removed';
    if (!mayLink(provider, member)) return 'link_not_allowed';
    return isExpired(member) ? 'invitation_expired' : member;
  }

  async #joined(tx: Queries, workspaceId: string, found: MemberRow, { name }: OidcIdentity): Promise<AdmittedMember> {
    if (found.status === 'active') return { member: found, events: [] };
    const ownName = found.name === found.email && name !== undefined ? name : found.name;
    const member = await this.members.update(tx, workspaceId, { ...found, ...NO_INVITATION, status: 'active', name: ownName });
    return { member, events: [{ type: 'member.joined', details: { memberId: member.member_id, ...again(found) } }] };
  }
}

const refusal = (reason: OidcRefusalReason, { subject, verifiedEmail }: OidcIdentity): OidcRefusal =>
  new OidcRefusal(reason, { subject, ...(verifiedEmail !== undefined && { email: verifiedEmail }) });

/**
 * Whoever registers providers sees the invitations of these people too, and could come as them anyway. To become anybody else
 * by an address, the Owner above all, takes a provider that was trusted with it.
 */
function mayLink({ links_active_members }: IdentityProviderRow, { status, role }: MemberRow): boolean {
  return links_active_members || (status === 'invited' && (role === 'admin' || role === 'user'));
}

const isExpired = (member: MemberRow): boolean => member.status === 'invited' && liveUntil(member) === undefined;
