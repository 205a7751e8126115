import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Post, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '#access';
import { Database } from '#database';
import {
  CreateGroup,
  DeleteGroup,
  JoinGroup,
  LeaveGroup,
  MemberError,
  findGroup,
  groupMemberView,
  groupView,
  listGroupMembers,
  listGroups,
} from '#members';
import { ConfirmsIdentity, Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { GroupId, MemberId } from '../input/id-param.js';
import { PageQuery } from '../input/page.dto.js';
import { Pages, isText } from '../input/pages.js';
import { CreateGroupDto, GroupMemberPage, GroupPage, GroupViewDto } from './groups.dto.js';

@ApiTags('Groups')
@ApiParam({ name: 'workspaceId' })
@Controller('v1/workspaces/:workspaceId/groups')
export class GroupsController {
  constructor(
    private readonly database: Database,
    private readonly pages: Pages,
    private readonly createGroup: CreateGroup,
    private readonly deleteGroup: DeleteGroup,
    private readonly joinGroup: JoinGroup,
    private readonly leaveGroup: LeaveGroup,
  ) {}

  /** Makes a local group, or with `providerId` and `claimValue` one that sign-in through that provider fills. */
  @Post()
  @Requires('group:manage')
  @Idempotent()
  @ApiOperation({ operationId: 'createGroup' })
  create(@Ctx() ctx: RequestContext, @Body() { name, providerId, claimValue }: CreateGroupDto): Promise<GroupViewDto> {
    const source = providerId !== undefined && claimValue !== undefined ? { providerId, claimValue } : undefined;
    return this.createGroup.run(ctx, { name, source });
  }

  /** Newest first. */
  @Get()
  @Requires('member:read')
  @ApiOperation({ operationId: 'listGroups' })
  list(@Ctx() ctx: RequestContext, @Query() query: PageQuery): Promise<GroupPage> {
    return this.pages.of(ctx, 'groups', query, {
      isPosition: isText,
      read: (rows, after) => this.database.read(ctx, (tx) => listGroups(tx, rows, after)),
      position: (row) => row.group_id,
      view: groupView,
    });
  }

  @Get(':groupId')
  @Requires('member:read')
  @ApiParam({ name: 'groupId' })
  @ApiOperation({ operationId: 'getGroup', summary: 'One group.' })
  async get(@Ctx() ctx: RequestContext, @GroupId() groupId: string): Promise<GroupViewDto> {
    const row = await this.database.read(ctx, (tx) => findGroup(tx, groupId));
    if (!row) throw new MemberError('group_not_found');
    return groupView(row);
  }

  /** Deletes a group that opens no box. */
  @Delete(':groupId')
  @HttpCode(HttpStatus.NO_CONTENT)
  @Requires('group:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiParam({ name: 'groupId' })
  @ApiOperation({ operationId: 'deleteGroup' })
  async delete(@Ctx() ctx: RequestContext, @GroupId() groupId: string): Promise<void> {
    await this.deleteGroup.run(ctx, groupId);
  }

  /** Who is in it. */
  @Get(':groupId/members')
  @Requires('member:read')
  @ApiParam({ name: 'groupId' })
  @ApiOperation({ operationId: 'listGroupMembers' })
  async members(@Ctx() ctx: RequestContext, @GroupId() groupId: string, @Query() query: PageQuery): Promise<GroupMemberPage> {
    await this.get(ctx, groupId);
    return this.pages.of(ctx, `group members ${groupId}`, query, {
      isPosition: isText,
      read: (rows, after) => this.database.read(ctx, (tx) => listGroupMembers(tx, groupId, rows, after)),
      position: (row) => row.member_id,
      view: groupMemberView,
    });
  }

  /**
   * Puts a member into a local group, which opens to them every box that is granted to it: for those who could grant those boxes
   * themselves, as the Owner can and whoever owns them.
   */
  @Put(':groupId/members/:memberId')
  @HttpCode(HttpStatus.NO_CONTENT)
  @Requires('group:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiParam({ name: 'groupId' })
  @ApiParam({ name: 'memberId' })
  @ApiOperation({ operationId: 'addGroupMember' })
  async add(@Ctx() ctx: RequestContext, @GroupId() groupId: string, @MemberId() memberId: string): Promise<void> {
    await this.joinGroup.run(ctx, groupId, memberId);
  }

  /** Takes a member out of a local group. */
  @Delete(':groupId/members/:memberId')
  @HttpCode(HttpStatus.NO_CONTENT)
  @Requires('group:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiParam({ name: 'groupId' })
  @ApiParam({ name: 'memberId' })
  @ApiOperation({ operationId: 'removeGroupMember' })
  async remove(@Ctx() ctx: RequestContext, @GroupId() groupId: string, @MemberId() memberId: string): Promise<void> {
    await this.leaveGroup.run(ctx, groupId, memberId);
  }
}
