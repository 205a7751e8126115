import type { Provider } from '@nestjs/common';
import { BoxRights, GrantRows, MemberRows, RowMacs } from '#access';
import { Database } from '#database';
import {
  CreateGroup,
  DeleteGroup,
  InviteMember,
  JoinGroup,
  LeaveGroup,
  Managers,
  RemoveMember,
  RenewInvitation,
  ResetMember,
  TransferOwnership,
  UpdateMember,
} from '#members';
import { madeOf } from '../made-of.js';

/** The use cases of people and their groups. */
export function memberFeatures(): Provider[] {
  return [
    madeOf(Managers, MemberRows, RowMacs),
    madeOf(InviteMember, Database, MemberRows, Managers),
    madeOf(RenewInvitation, Database, MemberRows, Managers),
    madeOf(ResetMember, Database, MemberRows, Managers, BoxRights),
    madeOf(UpdateMember, Database, MemberRows, Managers),
    madeOf(RemoveMember, Database, MemberRows, Managers),
    madeOf(TransferOwnership, Database, MemberRows),
    madeOf(CreateGroup, Database),
    madeOf(DeleteGroup, Database),
    madeOf(JoinGroup, Database, GrantRows, Managers, BoxRights),
    madeOf(LeaveGroup, Database, Managers),
  ];
}
