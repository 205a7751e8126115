import { Body, Controller, HttpCode, HttpStatus, Post } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '#access';
import { ChangeVaultStanding, ResumeVault } from '#vaults';
import { ConfirmsIdentity, Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { VaultId } from '../input/id-param.js';
import { VaultDecisionDto, VaultViewDto } from './vaults.dto.js';

/** Stopping is fast and loses nothing, so nobody is asked to confirm it; starting again is another matter. */
@ApiTags('Vaults')
@ApiParam({ name: 'workspaceId' })
@ApiParam({ name: 'vaultId' })
@Controller('v1/workspaces/:workspaceId/vaults/:vaultId')
export class VaultStatusController {
  constructor(
    private readonly changeStanding: ChangeVaultStanding,
    private readonly resumeVault: ResumeVault,
  ) {}

  /**
   * No new items from now on, on any node; what the vault holds can be unsealed. A default vault stays the default: items that
   * name no vault are refused until another one is chosen.
   */
  @Post('disable')
  @HttpCode(HttpStatus.OK)
  @Requires('vault:manage')
  @Idempotent()
  @ApiOperation({ operationId: 'disableVault' })
  disable(@Ctx() ctx: RequestContext, @VaultId() vaultId: string, @Body() body?: VaultDecisionDto): Promise<VaultViewDto> {
    return this.changeStanding.run(ctx, vaultId, { act: 'disable', reason: body?.reason });
  }

  /** The vault takes new items again. One that is suspended stays so, and takes them once it is resumed. */
  @Post('enable')
  @HttpCode(HttpStatus.OK)
  @Requires('vault:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiOperation({ operationId: 'enableVault' })
  enable(@Ctx() ctx: RequestContext, @VaultId() vaultId: string, @Body() body?: VaultDecisionDto): Promise<VaultViewDto> {
    return this.changeStanding.run(ctx, vaultId, { act: 'enable', reason: body?.reason });
  }

  /**
   * Nothing is sealed or unsealed from now on, on any node, and every node drops the data keys that it has open: the purge is the
   * newest of `…/purges`.
   */
  @Post('suspend')
  @HttpCode(HttpStatus.OK)
  @Requires('vault:manage')
  @Idempotent()
  @ApiOperation({ operationId: 'suspendVault' })
  suspend(@Ctx() ctx: RequestContext, @VaultId() vaultId: string, @Body() body?: VaultDecisionDto): Promise<VaultViewDto> {
    return this.changeStanding.run(ctx, vaultId, { act: 'suspend', reason: body?.reason });
  }

  /**
   * Ends a suspension once the key has passed every check; the vault is then what it was before. When a check fails the answer is
   * 409 `vault_not_resumed` with every check, and the vault stays suspended.
   */
  @Post('resume')
  @HttpCode(HttpStatus.OK)
  @Requires('vault:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiOperation({ operationId: 'resumeVault' })
  resume(@Ctx() ctx: RequestContext, @VaultId() vaultId: string, @Body() body?: VaultDecisionDto): Promise<VaultViewDto> {
    return this.resumeVault.run(ctx, vaultId, body?.reason);
  }
}
