import { ApiProperty } from '@nestjs/swagger';
import { IsString, Length, Matches } from 'class-validator';
import { ACTIONS, type Action, MEMBER_ROLES, type MemberRole } from '#access';
import { IdentityDto } from '../input/identity.dto.js';

export class SessionMemberView {
  id: string;
  name: string;
  email: string;
  @ApiProperty({ enum: MEMBER_ROLES })
  role: MemberRole;
}

export class SessionTimesView {
  /** RFC 3339 */
  createdAt: string;
  /** RFC 3339. When the person last showed who they are; for 15 minutes it counts for what loses or exposes data. */
  confirmedAt: string;
  /** RFC 3339. The session ends then, whatever happens in between. */
  expiresAt: string;
}

export class OwnSessionView extends SessionTimesView {
  id: string;
  workspaceId: string;
  member: SessionMemberView;
  /** What the role allows in the workspace; what boxes allow, their grants say. */
  @ApiProperty({ enum: ACTIONS, isArray: true })
  actions: Action[];
  /** To be sent as `X-CSRF-Token` with whatever changes something, when the session is a cookie. */
  csrfToken: string;
}

export class ListedSessionView extends SessionTimesView {
  id: string;
  /** Whether it is the one that asks. */
  isCurrent: boolean;
  /** Where it was opened from. */
  sourceAddress: string;
  userAgent: string | null;
}

export class SessionPage {
  data: ListedSessionView[];
  nextCursor: string | null;
}

export class ConfirmedView {
  /** RFC 3339 */
  confirmedAt: string;
  /** RFC 3339. Until then nothing is asked again. */
  confirmedUntil: string;
}

export class ChangePasswordDto extends IdentityDto {
  /**
   * 12 to 256 characters, and nothing that anybody would try first.
   * @example "seven grey herons at noon"
   */
  @IsString()
  @Length(1, 1024)
  newPassword: string;
}

export class ChangeAuthenticatorDto extends IdentityDto {
  /** `setUp` of the opened authenticator: of this session. */
  @IsString()
  @Length(1, 256)
  totpSetUp: string;

  /**
   * The first code of the new authenticator.
   * @example "287082"
   */
  @Matches(/^[0-9]{6}$/, { message: 'must be 6 digits' })
  newTotpCode: string;
}

export class RecoveryCodesView {
  /** In place of the authenticator when it is lost, each once. Told this once. */
  recoveryCodes: string[];
}
