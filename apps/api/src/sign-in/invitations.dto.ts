import { IsIn, IsString, Length, Matches } from 'class-validator';
import { ApiProperty } from '@nestjs/swagger';
import { MEMBER_ROLES, type MemberRole } from '#access';
import { Optional } from '../input/optional.js';
import { PlainText } from '../input/plain-text.js';
import { HANDED_OVER_AS, type HandedOverAs, SignedInView } from './sign-in.dto.js';

export class OpenInvitationDto {
  /** As the invitation says. */
  @IsString()
  @Length(1, 200)
  token: string;
}

export class TotpSettingView {
  /** Base32, to type into an authenticator: SHA-1, 6 digits, 30 seconds. */
  secret: string;
  /** The same as the content of a QR code. */
  uri: string;
  /** Comes back with the first code. */
  setUp: string;
}

export class OpenedInvitationView {
  workspaceId: string;
  workspaceName: string;
  email: string;
  @ApiProperty({ enum: MEMBER_ROLES })
  role: MemberRole;
  /** RFC 3339 */
  expiresAt: string;
  totp: TotpSettingView;
}

export class AcceptInvitationDto extends OpenInvitationDto {
  /**
   * What the others call them.
   * @example "Ada"
   */
  @PlainText(200)
  name: string;

  /**
   * 12 to 256 characters, and nothing that anybody would try first.
   * @example "violet kettle under the pier"
   */
  @IsString()
  @Length(1, 1024)
  password: string;

  /** `totp.setUp` of the opened invitation. */
  @IsString()
  @Length(1, 256)
  totpSetUp: string;

  /**
   * The first code of the authenticator.
   * @example "287082"
   */
  @Matches(/^[0-9]{6}$/, { message: 'must be 6 digits' })
  totpCode: string;

  /** As when signing in. */
  @Optional()
  @IsIn(HANDED_OVER_AS)
  as?: HandedOverAs;
}

export class JoinedView extends SignedInView {
  /** In place of the authenticator when it is lost, each once. Told this once. */
  recoveryCodes: string[];
}
