import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { BoxRights, GrantRows, type RequestContext } from '#access';
import { AddGrant, ChangeGrant, grantView, listGrants, openBox } from '#boxes';
import { Database } from '#database';
import { ConfirmsIdentity, Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { BoxId, GrantId } from '../input/id-param.js';
import { PageQuery } from '../input/page.dto.js';
import { Pages, isText } from '../input/pages.js';
import { ChangeGrantDto, GrantDto, GrantPage, GrantViewDto } from './boxes.dto.js';

@ApiTags('Boxes')
@ApiParam({ name: 'workspaceId' })
@ApiParam({ name: 'boxId' })
@Controller('v1/workspaces/:workspaceId/boxes/:boxId/grants')
export class GrantsController {
  constructor(
    private readonly database: Database,
    private readonly pages: Pages,
    private readonly rights: BoxRights,
    private readonly grants: GrantRows,
    private readonly addGrant: AddGrant,
    private readonly changeGrant: ChangeGrant,
  ) {}

  /** Newest first. */
  @Get()
  @Requires('box:manage')
  @ApiOperation({ operationId: 'listGrants' })
  list(@Ctx() ctx: RequestContext, @BoxId() boxId: string, @Query() query: PageQuery): Promise<GrantPage> {
    return this.pages.of(ctx, `grants ${boxId}`, query, {
      isPosition: isText,
      read: (rows, after) =>
        this.database.read(ctx, async (tx) => {
          await openBox(tx, this.rights, ctx, boxId, { action: 'box:manage' });
          return listGrants(tx, boxId, rows, after);
        }),
      position: (row) => row.grant_id,
      view: (row) => grantView(this.grants, ctx.workspaceId, row),
    });
  }

  /** Gives a member, a group or an AWS identity a role in the box, from their next request on. */
  @Post()
  @Requires('box:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiOperation({ operationId: 'addGrant' })
  add(@Ctx() ctx: RequestContext, @BoxId() boxId: string, @Body() body: GrantDto): Promise<GrantViewDto> {
    const { principal, role } = body;
    return this.addGrant.run(ctx, boxId, { principal, role });
  }

  /** Gives whom the grant names another role. */
  @Patch(':grantId')
  @Requires('box:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiParam({ name: 'grantId' })
  @ApiOperation({ operationId: 'changeGrant' })
  change(
    @Ctx() ctx: RequestContext,
    @BoxId() boxId: string,
    @GrantId() grantId: string,
    @Body() { role }: ChangeGrantDto,
  ): Promise<GrantViewDto> {
    return this.changeGrant.toRole(ctx, boxId, grantId, role);
  }

  /** Ends what the grant gave, from the next request on. */
  @Delete(':grantId')
  @HttpCode(HttpStatus.NO_CONTENT)
  @Requires('box:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiParam({ name: 'grantId' })
  @ApiOperation({ operationId: 'removeGrant' })
  async remove(@Ctx() ctx: RequestContext, @BoxId() boxId: string, @GrantId() grantId: string): Promise<void> {
    await this.changeGrant.remove(ctx, boxId, grantId);
  }
}
