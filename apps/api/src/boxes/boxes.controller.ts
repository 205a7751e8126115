import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { BoxRights, type RequestContext } from '#access';
import { CreateBox, DeleteBox, RestoreBox, UpdateBox, openBox, readBoxes, viewFor } from '#boxes';
import { Database } from '#database';
import { ConfirmsIdentity, Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { BoxId } from '../input/id-param.js';
import { Pages, isText } from '../input/pages.js';
import { BoxPage, BoxViewDto, BoxesQuery, CreateBoxDto, RestoreBoxDto, UpdateBoxDto } from './boxes.dto.js';

@ApiTags('Boxes')
@ApiParam({ name: 'workspaceId' })
@Controller('v1/workspaces/:workspaceId/boxes')
export class BoxesController {
  constructor(
    private readonly database: Database,
    private readonly pages: Pages,
    private readonly rights: BoxRights,
    private readonly createBox: CreateBox,
    private readonly updateBox: UpdateBox,
    private readonly deleteBox: DeleteBox,
    private readonly restoreBox: RestoreBox,
  ) {}

  /** Makes a safe deposit box: items, and the grants that say who may do what with them. */
  @Post()
  @Requires('box:create')
  @Idempotent()
  @ApiOperation({ operationId: 'createBox' })
  create(@Ctx() ctx: RequestContext, @Body() body: CreateBoxDto): Promise<BoxViewDto> {
    const { name, description = '', ownerGroupId, grants = [] } = body;
    return this.createBox.run(ctx, { name, description, ownerGroupId, grants });
  }

  /** Newest first: those that the caller has access to, and all for who may hand out access to every box. */
  @Get()
  @Requires('box:read')
  @ApiOperation({ operationId: 'listBoxes' })
  list(@Ctx() ctx: RequestContext, @Query() query: BoxesQuery): Promise<BoxPage> {
    const { status = 'live' } = query;
    return this.pages.of(ctx, `boxes ${status}`, query, {
      isPosition: isText,
      read: (rows, after) => this.database.read(ctx, (tx) => readBoxes(tx, this.rights, ctx, status, rows, after)),
      position: ({ id }) => id,
      view: (box) => box,
    });
  }

  @Get(':boxId')
  @Requires('box:read')
  @ApiParam({ name: 'boxId' })
  @ApiOperation({ operationId: 'getBox', summary: 'One box.' })
  get(@Ctx() ctx: RequestContext, @BoxId() boxId: string): Promise<BoxViewDto> {
    return this.database.read(ctx, async (tx) => {
      const box = await openBox(tx, this.rights, ctx, boxId, { action: 'box:read' });
      return viewFor(tx, this.rights, ctx, box);
    });
  }

  /** Changes name, description or owner group; what is not given stays. */
  @Patch(':boxId')
  @Requires('box:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiParam({ name: 'boxId' })
  @ApiOperation({ operationId: 'updateBox' })
  update(@Ctx() ctx: RequestContext, @BoxId() boxId: string, @Body() body: UpdateBoxDto): Promise<BoxViewDto> {
    const { name, description, ownerGroupId } = body;
    return this.updateBox.run(ctx, boxId, { name, description, ownerGroupId });
  }

  /** Takes the box away with all that is in it: its items are not there, its grants count for nothing. Until `purgeAt` that can be undone. */
  @Delete(':boxId')
  @Requires('box:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiParam({ name: 'boxId' })
  @ApiOperation({ operationId: 'deleteBox' })
  delete(@Ctx() ctx: RequestContext, @BoxId() boxId: string): Promise<BoxViewDto> {
    return this.deleteBox.run(ctx, boxId);
  }

  /** Undoes the deletion: the box is there again, with its items and grants. */
  @Post(':boxId/restore')
  @HttpCode(HttpStatus.OK)
  @Requires('box:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiParam({ name: 'boxId' })
  @ApiOperation({ operationId: 'restoreBox' })
  restore(@Ctx() ctx: RequestContext, @BoxId() boxId: string, @Body() body?: RestoreBoxDto): Promise<BoxViewDto> {
    return this.restoreBox.run(ctx, boxId, body?.name);
  }
}
