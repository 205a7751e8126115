import { Controller, Get, HttpCode, HttpStatus, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '#access';
import type { Queries } from '#audit';
import { Database } from '#database';
import { PurgeDataKeys, VaultError, findPurge, findVaultState, listPurges, purgeView } from '#vaults';
import { Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { PurgeId, VaultId } from '../input/id-param.js';
import { PageQuery } from '../input/page.dto.js';
import { Pages, isText } from '../input/pages.js';
import { PurgePage, PurgeViewDto } from './purges.dto.js';

@ApiTags('Vaults')
@ApiParam({ name: 'workspaceId' })
@ApiParam({ name: 'vaultId' })
@Controller('v1/workspaces/:workspaceId/vaults/:vaultId')
export class PurgesController {
  constructor(
    private readonly database: Database,
    private readonly pages: Pages,
    private readonly purgeDataKeys: PurgeDataKeys,
  ) {}

  /**
   * Drops the open data keys of the vault on every node, and answers the receipt: how many each dropped, and when. No key that was
   * open before is used again, on any node, from the moment this is on record; a node that has not answered within 3 seconds is
   * named with nulls, and its answer is added to the receipt when it comes.
   */
  @Post('purge')
  @HttpCode(HttpStatus.OK)
  @Requires('vault:manage')
  @Idempotent()
  @ApiOperation({ operationId: 'purgeVault' })
  purge(@Ctx() ctx: RequestContext, @VaultId() vaultId: string): Promise<PurgeViewDto> {
    return this.purgeDataKeys.run(ctx, vaultId);
  }

  /** Newest first. */
  @Get('purges')
  @Requires('vault:read')
  @ApiOperation({ operationId: 'listPurges' })
  list(@Ctx() ctx: RequestContext, @VaultId() vaultId: string, @Query() query: PageQuery): Promise<PurgePage> {
    return this.pages.of(ctx, `purges/${vaultId}`, query, {
      isPosition: isText,
      read: (rows, after) => this.database.read(ctx, (tx) => purgesOf(tx, vaultId, rows, after)),
      position: (row) => row.purge_id,
      view: purgeView,
    });
  }

  @Get('purges/:purgeId')
  @Requires('vault:read')
  @ApiParam({ name: 'purgeId' })
  @ApiOperation({ operationId: 'getPurge', summary: 'One purge, with what the nodes have answered by now.' })
  async get(@Ctx() ctx: RequestContext, @VaultId() vaultId: string, @PurgeId() purgeId: string): Promise<PurgeViewDto> {
    const purge = await this.database.read(ctx, async (tx) => {
      await requireVault(tx, vaultId);
      return findPurge(tx, vaultId, purgeId);
    });
    if (!purge) throw new VaultError('purge_not_found');
    return purgeView(purge);
  }
}

async function purgesOf(tx: Queries, vaultId: string, rows: number, after: string | undefined) {
  await requireVault(tx, vaultId);
  return listPurges(tx, vaultId, rows, after);
}

async function requireVault(tx: Queries, vaultId: string): Promise<void> {
  if (!(await findVaultState(tx, vaultId))) throw new VaultError('vault_not_found');
}
