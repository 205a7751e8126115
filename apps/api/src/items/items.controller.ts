import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Post, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { BoxRights, type RequestContext } from '#access';
import { Database } from '#database';
import {
  DeleteItem,
  ExportItem,
  ItemError,
  ItemPlaces,
  MoveItem,
  MoveItemToVault,
  SealItem,
  SealItemVersion,
  type StoredItem,
  UnsealItem,
  findItem,
  itemVersionView,
  itemView,
  listItems,
  listVersions,
} from '#items';
import { ConfirmsIdentity, Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { TakesBody } from '../http/takes-body.js';
import { ItemId } from '../input/id-param.js';
import { PageQuery } from '../input/page.dto.js';
import { Pages, isNumber, isText } from '../input/pages.js';
import {
  CreateItemDto,
  FlattenedJweDto,
  ItemPage,
  ItemVersionPage,
  ItemViewDto,
  ItemsQuery,
  MoveItemDto,
  MoveItemToVaultDto,
  NewVersionDto,
  UnsealedItemDto,
  VersionDto,
  VersionQuery,
} from './items.dto.js';

@ApiTags('Items')
@ApiParam({ name: 'workspaceId' })
@Controller('v1/workspaces/:workspaceId/items')
export class ItemsController {
  constructor(
    private readonly database: Database,
    private readonly pages: Pages,
    private readonly rights: BoxRights,
    private readonly places: ItemPlaces,
    private readonly sealItem: SealItem,
    private readonly sealItemVersion: SealItemVersion,
    private readonly unsealItem: UnsealItem,
    private readonly exportItem: ExportItem,
    private readonly deleteItem: DeleteItem,
    private readonly moveItem: MoveItem,
    private readonly moveItemToVault: MoveItemToVault,
  ) {}

  /** Seals a new item into a vault. The payload is not answered. */
  @Post()
  @Requires('item:seal')
  @Idempotent()
  @TakesBody('item')
  @ApiOperation({ operationId: 'createItem' })
  create(@Ctx() ctx: RequestContext, @Body() body: CreateItemDto): Promise<ItemViewDto> {
    return this.sealItem.run(ctx, body);
  }

  /** Newest first, without payloads. */
  @Get()
  @Requires('item:read')
  @ApiOperation({ operationId: 'listItems' })
  list(@Ctx() ctx: RequestContext, @Query() query: ItemsQuery): Promise<ItemPage> {
    const { boxId, vaultId, kind, category } = query;
    const filter = { boxId, vaultId, kind, category };
    return this.pages.of(ctx, `items ${JSON.stringify(filter)}`, query, {
      isPosition: isText,
      read: (rows, after) =>
        this.database.read(ctx, async (tx) => listItems(tx, await this.rights.boxesFor(tx, ctx, 'item:read'), filter, rows, after)),
      position: (row) => row.item_id,
      view: itemView,
    });
  }

  @Get(':itemId')
  @Requires('item:read')
  @ApiParam({ name: 'itemId' })
  @ApiOperation({ operationId: 'getItem', summary: 'One item, without its payload.' })
  async get(@Ctx() ctx: RequestContext, @ItemId() itemId: string): Promise<ItemViewDto> {
    return itemView(await this.#find(ctx, itemId));
  }

  /** Seals a new version; the versions before it stay. */
  @Put(':itemId')
  @Requires('item:seal')
  @Idempotent()
  @TakesBody('item')
  @ApiParam({ name: 'itemId' })
  @ApiOperation({ operationId: 'createItemVersion' })
  update(@Ctx() ctx: RequestContext, @ItemId() itemId: string, @Body() body: NewVersionDto): Promise<ItemViewDto> {
    return this.sealItemVersion.run(ctx, itemId, body);
  }

  /** Deletes the item with all its versions, for good. */
  @Delete(':itemId')
  @HttpCode(HttpStatus.NO_CONTENT)
  @Requires('item:delete')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiParam({ name: 'itemId' })
  @ApiOperation({ operationId: 'deleteItem' })
  async delete(@Ctx() ctx: RequestContext, @ItemId() itemId: string): Promise<void> {
    await this.deleteItem.run(ctx, itemId);
  }

  /** Puts the item into another box, and so before those who may read that one. Needs to delete here and to seal there. */
  @Post(':itemId/box')
  @HttpCode(HttpStatus.OK)
  @Requires('item:delete')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiParam({ name: 'itemId' })
  @ApiOperation({ operationId: 'moveItem' })
  move(@Ctx() ctx: RequestContext, @ItemId() itemId: string, @Body() { boxId }: MoveItemDto): Promise<ItemViewDto> {
    return this.moveItem.run(ctx, itemId, boxId);
  }

  /**
   * Seals the item with all its versions for another vault. Each is opened, sealed anew and opened again before any is replaced,
   * and all of them are replaced together. Needs to unseal, seal and delete where the item is kept.
   */
  @Post(':itemId/vault')
  @HttpCode(HttpStatus.OK)
  @Requires('item:delete')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiParam({ name: 'itemId' })
  @ApiOperation({ operationId: 'moveItemToVault' })
  moveToVault(@Ctx() ctx: RequestContext, @ItemId() itemId: string, @Body() { vaultId }: MoveItemToVaultDto): Promise<ItemViewDto> {
    return this.moveItemToVault.run(ctx, itemId, vaultId);
  }

  /** Newest first. */
  @Get(':itemId/versions')
  @Requires('item:read')
  @ApiParam({ name: 'itemId' })
  @ApiOperation({ operationId: 'listItemVersions' })
  async versions(@Ctx() ctx: RequestContext, @ItemId() itemId: string, @Query() query: PageQuery): Promise<ItemVersionPage> {
    await this.#find(ctx, itemId);
    return this.pages.of(ctx, `versions ${itemId}`, query, {
      isPosition: isNumber,
      read: (rows, after) => this.database.read(ctx, (tx) => listVersions(tx, itemId, rows, after)),
      position: (row) => row.version,
      view: itemVersionView,
    });
  }

  /** Opens one version. Its event is on record before the payload is answered. */
  @Post(':itemId/unseal')
  @HttpCode(HttpStatus.OK)
  @Requires('item:unseal')
  @ConfirmsIdentity()
  @ApiParam({ name: 'itemId' })
  @ApiOperation({ operationId: 'unsealItem' })
  unseal(@Ctx() ctx: RequestContext, @ItemId() itemId: string, @Body() body?: VersionDto): Promise<UnsealedItemDto> {
    return this.unsealItem.run(ctx, itemId, body?.version);
  }

  /** The way out: the item as JWE for the owner of the vault key, who opens it with nothing of ours. */
  @Get(':itemId/export')
  @Requires('item:export')
  @ConfirmsIdentity()
  @ApiParam({ name: 'itemId' })
  @ApiOperation({ operationId: 'exportItem' })
  export(@Ctx() ctx: RequestContext, @ItemId() itemId: string, @Query() query: VersionQuery): Promise<FlattenedJweDto> {
    return this.exportItem.run(ctx, itemId, query.version);
  }

  #find(ctx: RequestContext, itemId: string): Promise<StoredItem> {
    return this.database.read(ctx, async (tx) => {
      const row = await findItem(tx, itemId);
      if (!row) throw new ItemError('item_not_found');
      await this.places.require(tx, ctx, { itemId, ...row }, 'item:read');
      return row;
    });
  }
}
