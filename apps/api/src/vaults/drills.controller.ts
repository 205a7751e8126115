import { Body, Controller, Get, HttpCode, HttpStatus, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '#access';
import { Drills, StartDrill } from '#drills';
import { Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { DrillId, VaultId } from '../input/id-param.js';
import { PageQuery } from '../input/page.dto.js';
import { Pages, isText } from '../input/pages.js';
import { DrillDto, DrillPage, RevocationDrillDto } from './drills.dto.js';

const DEFAULT_TIME_LIMIT_MINUTES = 30;

@ApiTags('Drills')
@ApiParam({ name: 'workspaceId' })
@ApiParam({ name: 'vaultId' })
@Controller('v1/workspaces/:workspaceId/vaults/:vaultId/drills')
export class DrillsController {
  constructor(
    private readonly pages: Pages,
    private readonly drills: Drills,
    private readonly startDrill: StartDrill,
  ) {}

  /**
   * Measures the customer's cut-off: follow `guide` of the drill, which says what to do in AWS and when. From then on the vault is
   * unsealed every second by the way that every unseal takes, until that is refused, and again until it succeeds. The report tells
   * the seconds to the last unseal that succeeded on any node, and to recovery.
   */
  @Post('revocation')
  @Requires('vault:manage')
  @Idempotent()
  @ApiOperation({ operationId: 'startVaultRevocationDrill' })
  revocation(@Ctx() ctx: RequestContext, @VaultId() vaultId: string, @Body() body?: RevocationDrillDto): Promise<DrillDto> {
    return this.startDrill.revocation(ctx, vaultId, (body?.timeLimitMinutes ?? DEFAULT_TIME_LIMIT_MINUTES) * 60);
  }

  /**
   * Proves that the replica alone serves: its Region, and no other, unwraps a data key of the vault and wraps and unwraps a new one.
   * Other requests are not touched.
   */
  @Post('region')
  @Requires('vault:manage')
  @Idempotent()
  @ApiOperation({ operationId: 'startVaultRegionDrill' })
  region(@Ctx() ctx: RequestContext, @VaultId() vaultId: string): Promise<DrillDto> {
    return this.startDrill.region(ctx, vaultId);
  }

  /** Newest first, with their reports. */
  @Get()
  @Requires('vault:read')
  @ApiOperation({ operationId: 'listVaultDrills' })
  list(@Ctx() ctx: RequestContext, @VaultId() vaultId: string, @Query() query: PageQuery): Promise<DrillPage> {
    return this.pages.of(ctx, `drills/${vaultId}`, query, {
      isPosition: isText,
      read: (rows, after) => this.drills.list(ctx, vaultId, rows, after),
      position: ({ id }) => id,
      view: (drill) => drill,
    });
  }

  @Get(':drillId')
  @Requires('vault:read')
  @ApiParam({ name: 'drillId' })
  @ApiOperation({ operationId: 'getVaultDrill', summary: 'One drill: where it is, what to do now, and its report.' })
  get(@Ctx() ctx: RequestContext, @VaultId() vaultId: string, @DrillId() drillId: string): Promise<DrillDto> {
    return this.drills.get(ctx, vaultId, drillId);
  }

  /** Ends the drill without a report. What was done in AWS stays as it is. */
  @Post(':drillId/cancel')
  @HttpCode(HttpStatus.OK)
  @Requires('vault:manage')
  @Idempotent()
  @ApiParam({ name: 'drillId' })
  @ApiOperation({ operationId: 'cancelVaultDrill' })
  cancel(@Ctx() ctx: RequestContext, @VaultId() vaultId: string, @DrillId() drillId: string): Promise<DrillDto> {
    return this.drills.cancel(ctx, vaultId, drillId);
  }
}
