import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '#access';
import { Database } from '#database';
import {
  InviteMember,
  MemberError,
  RemoveMember,
  RenewInvitation,
  ResetMember,
  TransferOwnership,
  UpdateMember,
  findMember,
  listMembers,
  memberView,
} from '#members';
import { ConfirmsIdentity, Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { MemberId } from '../input/id-param.js';
import { Pages, isText } from '../input/pages.js';
import {
  InviteMemberDto,
  InvitedMemberView,
  MemberPage,
  MemberViewDto,
  MembersQuery,
  TransferOwnershipDto,
  UpdateMemberDto,
} from './members.dto.js';

@ApiTags('Members')
@ApiParam({ name: 'workspaceId' })
@Controller('v1/workspaces/:workspaceId')
export class MembersController {
  constructor(
    private readonly database: Database,
    private readonly pages: Pages,
    private readonly inviteMember: InviteMember,
    private readonly renewInvitation: RenewInvitation,
    private readonly resetMember: ResetMember,
    private readonly updateMember: UpdateMember,
    private readonly removeMember: RemoveMember,
    private readonly transferOwnership: TransferOwnership,
  ) {}

  /**
   * Invites somebody to a role below one's own. The token in the answer lets them come within 7 days; whoever has it can. It is
   * withdrawn when whoever invited is removed, suspended, reset, made less or revoked, and ends no later than a key that does. A
   * service's key ranks with Super Admins, and invites only to roles whose every action it has itself.
   */
  @Post('members')
  @Requires('member:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiOperation({ operationId: 'inviteMember' })
  invite(@Ctx() ctx: RequestContext, @Body() { email, role, name }: InviteMemberDto): Promise<InvitedMemberView> {
    return this.inviteMember.run(ctx, { email, role, name });
  }

  /** Newest first. */
  @Get('members')
  @Requires('member:read')
  @ApiOperation({ operationId: 'listMembers' })
  list(@Ctx() ctx: RequestContext, @Query() query: MembersQuery): Promise<MemberPage> {
    const filter = { role: query.role, status: query.status };
    return this.pages.of(ctx, `members ${JSON.stringify(filter)}`, query, {
      isPosition: isText,
      read: (rows, after) => this.database.read(ctx, (tx) => listMembers(tx, filter, rows, after)),
      position: (row) => row.member_id,
      view: memberView,
    });
  }

  @Get('members/:memberId')
  @Requires('member:read')
  @ApiParam({ name: 'memberId' })
  @ApiOperation({ operationId: 'getMember', summary: 'One member.' })
  async get(@Ctx() ctx: RequestContext, @MemberId() memberId: string): Promise<MemberViewDto> {
    const row = await this.database.read(ctx, (tx) => findMember(tx, memberId));
    if (!row) throw new MemberError('member_not_found');
    return memberView(row);
  }

  /**
   * Changes name, role or status of somebody below one's own role; what is not given stays. Of oneself, the name. With a lower role,
   * and while suspended, what they invited others by is withdrawn.
   */
  @Patch('members/:memberId')
  @Requires('member:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiParam({ name: 'memberId' })
  @ApiOperation({ operationId: 'updateMember' })
  update(@Ctx() ctx: RequestContext, @MemberId() memberId: string, @Body() body: UpdateMemberDto): Promise<MemberViewDto> {
    const { name, role, status } = body;
    return this.updateMember.run(ctx, memberId, { name, role, status });
  }

  /** Removes somebody below one's own role for good, with their sessions, memberships, grants and invitations to others. */
  @Delete('members/:memberId')
  @HttpCode(HttpStatus.NO_CONTENT)
  @Requires('member:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiParam({ name: 'memberId' })
  @ApiOperation({ operationId: 'removeMember' })
  async remove(@Ctx() ctx: RequestContext, @MemberId() memberId: string): Promise<void> {
    await this.removeMember.run(ctx, memberId);
  }

  /** A new invitation for somebody who has not come; the one before does not count any more. */
  @Post('members/:memberId/invitation')
  @Requires('member:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiParam({ name: 'memberId' })
  @ApiOperation({ operationId: 'renewInvitation' })
  renew(@Ctx() ctx: RequestContext, @MemberId() memberId: string): Promise<InvitedMemberView> {
    return this.renewInvitation.run(ctx, memberId);
  }

  /**
   * For somebody below one's own role who lost what signs them in, or from whom it was stolen: ends their sessions, takes password,
   * authenticator, recovery codes and what identity providers know of them, and answers an invitation to come again with. Takes
   * that one could grant every box that is open to them, as the Owner can: whoever has the invitation gets in as this member.
   */
  @Post('members/:memberId/reset')
  @Requires('member:reset')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiParam({ name: 'memberId' })
  @ApiOperation({ operationId: 'resetMember' })
  reset(@Ctx() ctx: RequestContext, @MemberId() memberId: string): Promise<InvitedMemberView> {
    return this.resetMember.run(ctx, memberId);
  }

  /** Makes an active member the Owner; the Owner until then becomes Super Admin. */
  @Put('owner')
  @Requires('owner:transfer')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiOperation({ operationId: 'transferOwnership' })
  transfer(@Ctx() ctx: RequestContext, @Body() { memberId }: TransferOwnershipDto): Promise<MemberViewDto> {
    return this.transferOwnership.run(ctx, memberId);
  }
}
