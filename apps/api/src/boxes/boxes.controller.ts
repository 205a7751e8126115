import { Body, Controller, Get, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { BoxRights, type RequestContext } from '#access';
import { CreateBox, UpdateBox, openBox, readBoxes, viewFor } from '#boxes';
import { Database } from '#database';
import { ConfirmsIdentity, Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { BoxId } from '../input/id-param.js';
import { Pages, isText } from '../input/pages.js';
import { BoxPage, BoxViewDto, BoxesQuery, CreateBoxDto, UpdateBoxDto } from './boxes.dto.js';

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
    return this.pages.of(ctx, 'boxes', query, {
      isPosition: isText,
      read: (rows, after) => this.database.read(ctx, (tx) => readBoxes(tx, this.rights, ctx, 'live', rows, after)),
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
}
