import { Body, Controller, HttpCode, HttpStatus, Post } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '#access';
import { OrderItemMoves, OrderRekey, UndoRekey } from '#moving';
import { ConfirmsIdentity, Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { VaultId } from '../input/id-param.js';
import { keyConfigOf } from '../vaults/key-config.js';
import { DryRunDto, EvacuateDto, MoveItemsDto, MoveOrderDto, RekeyDto, RekeyOrderDto } from './moving.dto.js';

@ApiTags('Moving')
@ApiParam({ name: 'workspaceId' })
@Controller('v1/workspaces/:workspaceId')
export class MovingController {
  constructor(
    private readonly orderRekey: OrderRekey,
    private readonly undoRekey: UndoRekey,
    private readonly orderItemMoves: OrderItemMoves,
  ) {}

  /**
   * Moves the vault to another key. The key is proved as that of a new vault is; from then on new data keys stand under it, and a
   * job puts those that are there under it, one by one, with both keys at hand. Asked again for the key that the vault has, it goes
   * on with what an earlier job left.
   */
  @Post('vaults/:vaultId/rekey')
  @HttpCode(HttpStatus.OK)
  @Requires('vault:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiParam({ name: 'vaultId' })
  @ApiOperation({ operationId: 'rekeyVault' })
  rekey(@Ctx() ctx: RequestContext, @VaultId() vaultId: string, @Body() body: RekeyDto): Promise<RekeyOrderDto> {
    const { strategy, dryRun: isDryRun = false } = body;
    return this.orderRekey.run(ctx, vaultId, { strategy, keyConfig: keyConfigOf(body) }, { isDryRun });
  }

  /**
   * Moves the vault back to the key that it left last, for 24 hours from the last step of that move. What was wrapped by that key
   * then is taken back as it was: the key that is given up is asked only for what came since.
   */
  @Post('vaults/:vaultId/rekey/undo')
  @HttpCode(HttpStatus.OK)
  @Requires('vault:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiParam({ name: 'vaultId' })
  @ApiOperation({ operationId: 'undoRekey' })
  undo(@Ctx() ctx: RequestContext, @VaultId() vaultId: string, @Body() body?: DryRunDto): Promise<RekeyOrderDto> {
    return this.undoRekey.run(ctx, vaultId, { isDryRun: body?.dryRun ?? false });
  }

  /**
   * Moves everything in the vault to another one: each item is sealed anew with all its versions. The vault takes nothing new from
   * here on, and stays disabled; when it was the default vault, the other one is that now.
   */
  @Post('vaults/:vaultId/evacuate')
  @HttpCode(HttpStatus.OK)
  @Requires('vault:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiParam({ name: 'vaultId' })
  @ApiOperation({ operationId: 'evacuateVault' })
  evacuate(@Ctx() ctx: RequestContext, @VaultId() vaultId: string, @Body() body: EvacuateDto): Promise<MoveOrderDto> {
    return this.orderItemMoves.wholeVault(ctx, vaultId, body.targetVaultId, { isDryRun: body.dryRun ?? false });
  }

  /** Moves the items of a vault that are there now, and match, to another one. */
  @Post('item-moves')
  @HttpCode(HttpStatus.OK)
  @Requires('vault:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiOperation({ operationId: 'moveItems' })
  moveItems(@Ctx() ctx: RequestContext, @Body() body: MoveItemsDto): Promise<MoveOrderDto> {
    const { sourceVaultId, targetVaultId, boxId, kind, category, itemIds, dryRun: isDryRun = false } = body;
    const filter = { boxId, kind, category, itemIds };
    return this.orderItemMoves.someItems(ctx, { sourceVaultId, targetVaultId, filter }, { isDryRun });
  }
}
