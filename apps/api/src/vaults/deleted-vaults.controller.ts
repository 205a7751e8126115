import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '#access';
import { Database } from '#database';
import { type DeletedVaultRow, listDeletedVaults } from '#vaults';
import { Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { PageQuery } from '../input/page.dto.js';
import { Pages, isText } from '../input/pages.js';
import { DeletedVaultPage, type DeletedVaultView } from './vaults.dto.js';

@ApiTags('Vaults')
@ApiParam({ name: 'workspaceId' })
@Controller('v1/workspaces/:workspaceId/deleted-vaults')
export class DeletedVaultsController {
  constructor(
    private readonly database: Database,
    private readonly pages: Pages,
  ) {}

  /** Deleted vaults whose key the service made and AWS has not deleted yet. */
  @Get()
  @Requires('vault:read')
  @ApiOperation({ operationId: 'listDeletedVaults' })
  list(@Ctx() ctx: RequestContext, @Query() query: PageQuery): Promise<DeletedVaultPage> {
    return this.pages.of(ctx, 'deleted-vaults', query, {
      isPosition: isText,
      read: (rows, after) => this.database.read(ctx, (tx) => listDeletedVaults(tx, rows, after)),
      position: (row) => row.vault_key_id,
      view: viewOf,
    });
  }
}

function viewOf({ vault_id: id, name, pending_days: keyDeletionDays, ends_at }: DeletedVaultRow): DeletedVaultView {
  return { id, name, strategy: 'managed', keyDeletionDays, restorableUntil: ends_at?.toISOString() ?? null };
}
