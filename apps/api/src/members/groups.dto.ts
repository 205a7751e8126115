import { ValidateIf } from 'class-validator';
import { Id } from '../input/id.js';
import { PlainText } from '../input/plain-text.js';

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

/** Both are given, or none. */
const TogetherWith = (other: 'providerId' | 'claimValue'): PropertyDecorator =>
  ValidateIf((group: CreateGroupDto, value: unknown) => isGiven(value) || isGiven(group[other]));

export class CreateGroupDto {
  /** @example "Deployers" */
  @PlainText(255)
  name: string;

  /** The identity provider whose claim fills the group; together with `claimValue`. Without both the group is local. */
  @TogetherWith('claimValue')
  @Id()
  providerId?: string;

  /**
   * What stands in the groups claim of those who belong to it.
   * @example "deployers"
   */
  @TogetherWith('providerId')
  @PlainText(255, { required: false })
  claimValue?: string;
}

export class GroupViewDto {
  id: string;
  name: string;
  /** Null for a local group. */
  providerId: string | null;
  /** Null for a local group. */
  claimValue: string | null;
  memberCount: number;
  /** RFC 3339 */
  createdAt: string;
}

export class GroupPage {
  data: GroupViewDto[];
  nextCursor: string | null;
}

export class GroupMemberDto {
  memberId: string;
  email: string;
  name: string;
  role: 'owner' | 'super_admin' | 'admin' | 'user';
  status: 'invited' | 'active' | 'suspended' | 'reset';
  /** RFC 3339 */
  addedAt: string;
}

export class GroupMemberPage {
  data: GroupMemberDto[];
  nextCursor: string | null;
}
