import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '#access';
import { Database } from '#database';
import {
  CreateVault,
  DeleteVault,
  RestoreVault,
  SetDefaultVault,
  UpdateVault,
  VaultError,
  type VaultSettings,
  VaultViews,
  VerifyVault,
  findVault,
  listVaults,
} from '#vaults';
import { ConfirmsIdentity, Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { VaultId } from '../input/id-param.js';
import { PageQuery } from '../input/page.dto.js';
import { Pages, isText } from '../input/pages.js';
import { keyConfigOf } from './key-config.js';
import {
  CreateVaultDto,
  CreatedVaultView,
  DeleteVaultQuery,
  DeletedVaultView,
  KeyReportDto,
  RestoreVaultDto,
  UpdateVaultDto,
  VaultPage,
  VaultSettingsDto,
  VaultViewDto,
} from './vaults.dto.js';

@ApiTags('Vaults')
@ApiParam({ name: 'workspaceId' })
@Controller('v1/workspaces/:workspaceId/vaults')
export class VaultsController {
  constructor(
    private readonly database: Database,
    private readonly views: VaultViews,
    private readonly pages: Pages,
    private readonly createVault: CreateVault,
    private readonly verifyVault: VerifyVault,
    private readonly updateVault: UpdateVault,
    private readonly setDefaultVault: SetDefaultVault,
    private readonly deleteVault: DeleteVault,
    private readonly restoreVault: RestoreVault,
  ) {}

  /**
   * Creates a vault. The key is proved first: both ways through both Regions, and that the role refuses everybody but us. When
   * any of it fails the answer is 422 `vault_key_rejected` with every check, and nothing usable is stored.
   */
  @Post()
  @Requires('vault:create')
  @Idempotent()
  @ApiOperation({ operationId: 'createVault' })
  create(@Ctx() ctx: RequestContext, @Body() body: CreateVaultDto): Promise<CreatedVaultView> {
    const { name, strategy, setAsDefault = false } = body;
    return this.createVault.run(ctx, { name, strategy, setAsDefault, keyConfig: keyConfigOf(body), settings: settingsOf(body) });
  }

  /** Newest first. */
  @Get()
  @Requires('vault:read')
  @ApiOperation({ operationId: 'listVaults' })
  list(@Ctx() ctx: RequestContext, @Query() query: PageQuery): Promise<VaultPage> {
    return this.pages.of(ctx, 'vaults', query, {
      isPosition: isText,
      read: (rows, after) => this.database.read(ctx, (tx) => listVaults(tx, rows, after)),
      position: (row) => row.vault_id,
      view: (row) => this.views.of(ctx.workspaceId, row),
    });
  }

  @Get(':vaultId')
  @Requires('vault:read')
  @ApiParam({ name: 'vaultId' })
  @ApiOperation({ operationId: 'getVault', summary: 'One vault.' })
  async get(@Ctx() ctx: RequestContext, @VaultId() vaultId: string): Promise<VaultViewDto> {
    const row = await this.database.read(ctx, (tx) => findVault(tx, vaultId));
    if (!row) throw new VaultError('vault_not_found');
    return this.views.of(ctx.workspaceId, row);
  }

  /** Changes the name or the settings; what is not given stays. */
  @Patch(':vaultId')
  @Requires('vault:manage')
  @Idempotent()
  @ApiParam({ name: 'vaultId' })
  @ApiOperation({ operationId: 'updateVault' })
  update(@Ctx() ctx: RequestContext, @VaultId() vaultId: string, @Body() body: UpdateVaultDto): Promise<VaultViewDto> {
    return this.updateVault.run(ctx, vaultId, { name: body.name, ...settingsOf(body) });
  }

  /** Checks the key now, as registration did, and lets the vault serve again when the key does. */
  @Post(':vaultId/verify')
  @HttpCode(HttpStatus.OK)
  @Requires('vault:manage')
  @Idempotent()
  @ApiParam({ name: 'vaultId' })
  @ApiOperation({ operationId: 'verifyVault' })
  verify(@Ctx() ctx: RequestContext, @VaultId() vaultId: string): Promise<KeyReportDto> {
    return this.verifyVault.run(ctx, vaultId);
  }

  /** Makes this the vault for new items that name none. */
  @Post(':vaultId/default')
  @HttpCode(HttpStatus.OK)
  @Requires('vault:manage')
  @Idempotent()
  @ApiParam({ name: 'vaultId' })
  @ApiOperation({ operationId: 'setDefaultVault' })
  setDefault(@Ctx() ctx: RequestContext, @VaultId() vaultId: string): Promise<VaultViewDto> {
    return this.setDefaultVault.run(ctx, vaultId);
  }

  /**
   * Deletes a vault under which nothing is sealed any more: no item, in deleted boxes neither, and nothing that callers keep
   * themselves. A key that the service made for it is deleted by AWS after `keyDeletionDays`, first its replica; until then the
   * vault can be restored. A customer's key is left alone.
   */
  @Delete(':vaultId')
  @Requires('vault:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiParam({ name: 'vaultId' })
  @ApiOperation({ operationId: 'deleteVault' })
  delete(@Ctx() ctx: RequestContext, @VaultId() vaultId: string, @Query() query: DeleteVaultQuery): Promise<DeletedVaultView> {
    return this.deleteVault.run(ctx, vaultId, query.keyDeletionDays ?? KEY_DELETION_DAYS);
  }

  /** Undoes the deletion of a vault whose key the service made: the key is brought back and proved, and the vault is there again. */
  @Post(':vaultId/restore')
  @HttpCode(HttpStatus.OK)
  @Requires('vault:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiParam({ name: 'vaultId' })
  @ApiOperation({ operationId: 'restoreVault' })
  restore(@Ctx() ctx: RequestContext, @VaultId() vaultId: string, @Body() body?: RestoreVaultDto): Promise<CreatedVaultView> {
    return this.restoreVault.run(ctx, vaultId, body?.name);
  }
}

/** As long as AWS waits at most: nobody has ever missed a key too late. */
const KEY_DELETION_DAYS = 30;

function settingsOf({ itemsPerDataKey, dataKeyMaxAgeSeconds, dataKeyCacheSeconds }: VaultSettingsDto): VaultSettings {
  return { itemsPerDataKey, dataKeyMaxAgeSeconds, dataKeyCacheSeconds };
}
