import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsIn, IsObject, IsOptional, IsString, Length, ValidateNested } from 'class-validator';
import { BOX_ROLES, type BoxRole } from '#access';
import type { NamedPrincipal } from '#boxes';
import { FreeText } from '../input/free-text.js';
import { Id } from '../input/id.js';
import { Optional } from '../input/optional.js';
import { PageQuery } from '../input/page.dto.js';
import { PlainText } from '../input/plain-text.js';

const ROLES = Object.keys(BOX_ROLES) as BoxRole[];
const GRANTS_AT_CREATION_MAX = 100;

/** One spelling of a name: composed, and without blanks around it that nobody sees. */
const OneSpelling = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.normalize('NFC').trim() : (value ?? undefined)));

export class UserPrincipalDto {
  /** A member of the workspace. */
  @IsIn(['user'])
  kind: 'user';

  @Id()
  memberId: string;
}

export class GroupPrincipalDto {
  /** Everybody in a group, at each request. */
  @IsIn(['group'])
  kind: 'group';

  @Id()
  groupId: string;
}

export class IamPrincipalDto {
  /** Who signs in as this ARN. */
  @IsIn(['iam'])
  kind: 'iam';

  /**
   * Of a role (every session of it; without its path), a session, a user, a federated user, or `root` for everybody in the account.
   * @example "arn:aws:iam::111122223333:role/App"
   */
  @IsString()
  @Length(1, 700)
  arn: string;

  /**
   * `AROA…` of the role or `AIDA…` of the user: then nobody inherits the grant by getting the name.
   * @example "AROAEXAMPLEEXAMPLE123"
   */
  @Optional()
  @IsString()
  @Length(16, 128)
  uniqueId?: string;
}

const PRINCIPALS = { user: UserPrincipalDto, group: GroupPrincipalDto, iam: IamPrincipalDto } as const;

/** What no kind of principal is read as, to be refused for its kind. */
class UnknownPrincipal {
  @IsIn(Object.keys(PRINCIPALS))
  kind: keyof typeof PRINCIPALS;
}

const ofEveryKind = Object.values(PRINCIPALS).map((principal) => ({ $ref: getSchemaPath(principal) }));

@ApiExtraModels(UserPrincipalDto, GroupPrincipalDto, IamPrincipalDto)
export class GrantDto {
  @ApiProperty({ oneOf: ofEveryKind })
  @IsObject()
  @ValidateNested()
  @Type(() => UnknownPrincipal, {
    discriminator: { property: 'kind', subTypes: Object.entries(PRINCIPALS).map(([name, value]) => ({ name, value })) },
    keepDiscriminatorProperty: true,
  })
  principal: NamedPrincipal;

  /** `read`: items and their payloads; `write`: also new, changed and deleted items; `owner`: also exports, and the box itself. */
  @IsIn(ROLES)
  role: BoxRole;
}

export class ChangeGrantDto {
  @IsIn(ROLES)
  role: BoxRole;
}

export class CreateBoxDto {
  /**
   * Unique in the workspace; A to Z and a to z are one.
   * @example "Payment service"
   */
  @OneSpelling()
  @PlainText(100)
  name: string;

  @Optional()
  @FreeText(1000)
  description?: string;

  /** Whose members own the box. One must be in it, or be allowed to hand out access to every box. */
  @Id()
  ownerGroupId: string;

  /** Who gets in besides. */
  @Optional()
  @IsArray()
  @ArrayMaxSize(GRANTS_AT_CREATION_MAX)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => GrantDto)
  grants?: GrantDto[];
}

export class UpdateBoxDto {
  @OneSpelling()
  @IsOptional()
  @PlainText(100, { required: false })
  name?: string;

  @Optional()
  @FreeText(1000)
  description?: string;

  /** The group that owned the box until now loses what it had by that. */
  @IsOptional()
  @Id()
  ownerGroupId?: string;
}

export class RestoreBoxDto {
  /** For when another box has taken the name meanwhile. */
  @OneSpelling()
  @IsOptional()
  @PlainText(100, { required: false })
  name?: string;
}

export class BoxViewDto {
  id: string;
  name: string;
  description: string;
  status: 'live' | 'deleted';
  /** Where items go that name no box. */
  isDefault: boolean;
  /** Whose members own the box; null in a box from before there were groups. */
  ownerGroupId: string | null;
  /** What the caller may do in it. Empty when they see it only because they may hand out access to every box. */
  myActions: string[];
  /** RFC 3339 */
  createdAt: string;
  /** RFC 3339 */
  updatedAt: string;
  /** RFC 3339 */
  deletedAt: string | null;
  /** RFC 3339; until then the deletion can be undone. */
  purgeAt: string | null;
}

export class BoxPage {
  data: BoxViewDto[];
  nextCursor: string | null;
}

export class GrantWarningDto {
  code: 'role_path' | 'session_name';
  text: string;
}

export class GrantedUserDto {
  kind: 'user';
  memberId: string;
  name: string;
  email: string;
}

export class GrantedGroupDto {
  kind: 'group';
  groupId: string;
  name: string;
}

export class GrantedIamDto {
  kind: 'iam';
  arn: string;
  uniqueId: string | null;
}

@ApiExtraModels(GrantedUserDto, GrantedGroupDto, GrantedIamDto)
export class GrantViewDto {
  id: string;
  @ApiProperty({ oneOf: [GrantedUserDto, GrantedGroupDto, GrantedIamDto].map((principal) => ({ $ref: getSchemaPath(principal) })) })
  principal: GrantedUserDto | GrantedGroupDto | GrantedIamDto;
  role: 'owner' | 'write' | 'read';
  /** This one goes with the box: give the box another owner group to change it. */
  isOwnerGroup: boolean;
  /** False when it was changed in the database past the service: it counts for nothing. */
  isIntact: boolean;
  /** What may be unexpected about an ARN. */
  warnings: GrantWarningDto[];
  /** RFC 3339 */
  createdAt: string;
}

export class GrantPage {
  data: GrantViewDto[];
  nextCursor: string | null;
}

export class BoxesQuery extends PageQuery {
  /** Deleted ones as long as that can be undone. */
  @IsOptional()
  @IsIn(['live', 'deleted'])
  status?: 'live' | 'deleted' = 'live';
}
