import { IsIn, IsOptional } from 'class-validator';
import { MEMBER_ROLES, MEMBER_STATUSES, type MemberRole, type MemberStatus } from '#access';
import { Email } from '../input/email.js';
import { Id } from '../input/id.js';
import { Optional } from '../input/optional.js';
import { PageQuery } from '../input/page.dto.js';
import { PlainText } from '../input/plain-text.js';

/** What a member can be made; there is one Owner, and only they make another one. */
const ROLES_TO_GIVE = ['super_admin', 'admin', 'user'] as const;
type RoleToGive = (typeof ROLES_TO_GIVE)[number];

export class MembersQuery extends PageQuery {
  @IsOptional()
  @IsIn(MEMBER_ROLES)
  role?: MemberRole;

  @IsOptional()
  @IsIn(MEMBER_STATUSES)
  status?: MemberStatus;
}

export class InviteMemberDto {
  /** @example "ada@acme.example" */
  @Email()
  email: string;

  /** Below the role of whoever invites. */
  @IsIn(ROLES_TO_GIVE)
  role: RoleToGive;

  /**
   * The address when it is left out.
   * @example "Ada Lovelace"
   */
  @Optional()
  @PlainText(200, { required: false })
  name?: string;
}

export class UpdateMemberDto {
  @Optional()
  @PlainText(200, { required: false })
  name?: string;

  /** Below the role of whoever changes it. */
  @Optional()
  @IsIn(ROLES_TO_GIVE)
  role?: RoleToGive;

  /** Who is suspended is signed out everywhere and cannot sign in. */
  @Optional()
  @IsIn(['active', 'suspended'])
  status?: 'active' | 'suspended';
}

export class TransferOwnershipDto {
  /** Of an active member. */
  @Id()
  memberId: string;
}

export class MemberViewDto {
  id: string;
  email: string;
  name: string;
  role: 'owner' | 'super_admin' | 'admin' | 'user';
  /** `reset`: was active, and has to come again by an invitation. */
  status: 'invited' | 'active' | 'suspended' | 'reset';
  /** RFC 3339; of those who were invited, or have to come again, and have not come yet. */
  invitationExpiresAt: string | null;
  /** RFC 3339 */
  createdAt: string;
  /** RFC 3339 */
  updatedAt: string;
}

export class InvitationDto {
  /** Lets this member come, once; shown this once. */
  token: string;
  /** RFC 3339 */
  expiresAt: string;
}

export class InvitedMemberView {
  member: MemberViewDto;
  invitation: InvitationDto;
}

export class MemberPage {
  data: MemberViewDto[];
  nextCursor: string | null;
}
