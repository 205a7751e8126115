import { IsIn, IsUUID } from 'class-validator';
import { MEMBER_ROLES, type MemberRole } from '#access';
import { Email } from '../input/email.js';
import { IdentityDto } from '../input/identity.dto.js';
import { LowerCase } from '../input/lower-case.js';
import { Optional } from '../input/optional.js';
import { ApiProperty } from '@nestjs/swagger';

export const HANDED_OVER_AS = ['cookie', 'token'] as const;
export type HandedOverAs = (typeof HANDED_OVER_AS)[number];

export class PasswordSignInDto extends IdentityDto {
  /** Shown in the settings of the workspace. */
  @LowerCase()
  @IsUUID()
  workspaceId: string;

  /** @example "ada@acme.example" */
  @Email()
  email: string;

  /** `cookie` for browsers, whose pages then never hold the session's token; `token` for programs of people, as bearer token. */
  @Optional()
  @IsIn(HANDED_OVER_AS)
  as?: HandedOverAs;
}

export class SignedInView {
  workspaceId: string;
  memberId: string;
  sessionId: string;
  @ApiProperty({ enum: MEMBER_ROLES })
  role: MemberRole;
  /** RFC 3339. The session ends then, whatever happens in between. */
  expiresAt: string;
  /** With a cookie: to be sent as `X-CSRF-Token` with whatever changes something. */
  csrfToken?: string;
  /** When it was asked for: the session as bearer token, told this once. */
  token?: string;
}
