import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '#access';
import type { Queries } from '#audit';
import { Database } from '#database';
import { healthChangeView, vaultHealthView } from '#key-health';
import { VaultError, findVaultHealth, findVaultState, listHealthChanges } from '#vaults';
import { Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { VaultId } from '../input/id-param.js';
import { PageQuery } from '../input/page.dto.js';
import { Pages, isText } from '../input/pages.js';
import { HealthChangePage, VaultHealthDto } from './vault-health.dto.js';

@ApiTags('Vaults')
@ApiParam({ name: 'workspaceId' })
@ApiParam({ name: 'vaultId' })
@Controller('v1/workspaces/:workspaceId/vaults/:vaultId/health')
export class VaultHealthController {
  constructor(
    private readonly database: Database,
    private readonly pages: Pages,
  ) {}

  /**
   * How the vault's key is, as a whole and in each Region: since when, why, when it was proved last, and the countdown when it is
   * to be deleted. As it stands on record; `POST …/verify` asks now.
   */
  @Get()
  @Requires('vault:read')
  @ApiOperation({ operationId: 'getVaultHealth' })
  async get(@Ctx() ctx: RequestContext, @VaultId() vaultId: string): Promise<VaultHealthDto> {
    const health = await this.database.read(ctx, (tx) => findVaultHealth(tx, vaultId));
    if (!health) throw new VaultError('vault_not_found');
    return vaultHealthView(health, new Date());
  }

  /** What changed in the last 90 days, newest first. */
  @Get('history')
  @Requires('vault:read')
  @ApiOperation({ operationId: 'listVaultHealthChanges' })
  async history(@Ctx() ctx: RequestContext, @VaultId() vaultId: string, @Query() query: PageQuery): Promise<HealthChangePage> {
    return this.pages.of(ctx, `vault health ${vaultId}`, query, {
      isPosition: isText,
      read: (rows, after) => this.database.read(ctx, (tx) => changesOf(tx, vaultId, rows, after)),
      position: (row) => row.change_id,
      view: healthChangeView,
    });
  }
}

async function changesOf(tx: Queries, vaultId: string, limit: number, after: string | undefined) {
  const [vault, changes] = await Promise.all([findVaultState(tx, vaultId), listHealthChanges(tx, vaultId, limit, after)]);
  if (!vault) throw new VaultError('vault_not_found');
  return changes;
}
