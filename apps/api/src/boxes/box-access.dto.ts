import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';
import { GrantedIamDto, GrantedUserDto } from './boxes.dto.js';

export class AccessingKeyDto {
  kind: 'api_key';
  apiKeyId: string;
  name: string;
}

const principals = [GrantedUserDto, GrantedIamDto, AccessingKeyDto].map((principal) => ({ $ref: getSchemaPath(principal) }));

export class NotNowDto {
  code: 'invited' | 'suspended' | 'reset' | 'never_signs_in';
  text: string;
}

export class AccessReasonDto {
  code: 'grant' | 'group_grant' | 'owner_group' | 'account_grant' | 'api_key_scopes';
  /** For people. */
  text: string;
  /** Null of keys, which have scopes. */
  grantId: string | null;
  /** What this reason alone gives; null of keys. */
  role: 'owner' | 'write' | 'read' | null;
}

@ApiExtraModels(GrantedUserDto, GrantedIamDto, AccessingKeyDto)
export class AccessEntryDto {
  /**
   * An AWS identity stands for everybody who signs in as its ARN: with that unique id, or, when it is null, with one that no other
   * entry of the ARN names.
   */
  @ApiProperty({ oneOf: principals })
  principal: GrantedUserDto | GrantedIamDto | AccessingKeyDto;
  /** The strongest role granted; null of keys. */
  role: 'owner' | 'write' | 'read' | null;
  /** What they may do in the box, by all reasons together. */
  actions: string[];
  /** Why they can do nothing of it at present. */
  notNow: NotNowDto | null;
  reasons: AccessReasonDto[];
}

@ApiExtraModels(GrantedUserDto, AccessingKeyDto)
export class BoxAccessPage {
  data: AccessEntryDto[];
  nextCursor: string | null;
  /** Those who may hand out access to every box, and so could give it to themselves: at most 100. */
  @ApiProperty({
    type: 'array',
    items: { oneOf: [GrantedUserDto, AccessingKeyDto].map((principal) => ({ $ref: getSchemaPath(principal) })) },
  })
  couldGrant: (GrantedUserDto | GrantedIamDto | AccessingKeyDto)[];
}
