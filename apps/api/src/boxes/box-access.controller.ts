import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { BoxRights, MemberRows, type RequestContext, RowMacs } from '#access';
import { EffectiveAccess, couldGrant, isAccessPosition, openBox } from '#boxes';
import { Database } from '#database';
import { Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { BoxId } from '../input/id-param.js';
import { PageQuery } from '../input/page.dto.js';
import { Pages } from '../input/pages.js';
import { BoxAccessPage } from './box-access.dto.js';

@ApiTags('Boxes')
@ApiParam({ name: 'workspaceId' })
@ApiParam({ name: 'boxId' })
@Controller('v1/workspaces/:workspaceId/boxes/:boxId/access')
export class BoxAccessController {
  constructor(
    private readonly database: Database,
    private readonly pages: Pages,
    private readonly rights: BoxRights,
    private readonly members: MemberRows,
    private readonly macs: RowMacs,
    private readonly access: EffectiveAccess,
  ) {}

  /** Who can do what in the box, and why: every member, AWS identity and key of a service, and apart those who could let themselves in. */
  @Get()
  @Requires('box:manage')
  @ApiOperation({ operationId: 'getBoxAccess' })
  async get(@Ctx() ctx: RequestContext, @BoxId() boxId: string, @Query() query: PageQuery): Promise<BoxAccessPage> {
    const { workspaceId } = ctx;
    const page = await this.pages.of(ctx, `access ${boxId}`, query, {
      isPosition: isAccessPosition,
      read: (rows, after) =>
        this.database.read(ctx, async (tx) => {
          await openBox(tx, this.rights, ctx, boxId, { action: 'box:manage' });
          return this.access.read(tx, { workspaceId, boxId }, rows, after);
        }),
      position: ({ position }) => position,
      view: ({ entry }) => entry,
    });
    return { ...page, couldGrant: await this.database.read(ctx, (tx) => couldGrant(tx, this.members, this.macs, workspaceId)) };
  }
}
