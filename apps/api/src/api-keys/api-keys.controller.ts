import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '#access';
import { ApiKeyError, CreateApiKey, RevokeApiKey, apiKeyView, findApiKey, listApiKeys } from '#api-keys';
import { Database } from '#database';
import { ConfirmsIdentity, Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { ApiKeyId } from '../input/id-param.js';
import { PageQuery } from '../input/page.dto.js';
import { Pages, isText } from '../input/pages.js';
import { ApiKeyPage, ApiKeyViewDto, CreateApiKeyDto, CreatedApiKeyView } from './api-keys.dto.js';

@ApiTags('API keys')
@ApiParam({ name: 'workspaceId' })
@Controller('v1/workspaces/:workspaceId/api-keys')
export class ApiKeysController {
  constructor(
    private readonly database: Database,
    private readonly pages: Pages,
    private readonly createApiKey: CreateApiKey,
    private readonly revokeApiKey: RevokeApiKey,
  ) {}

  /**
   * Makes a key for a service, with some of what its maker may do: scopes of boxes only for boxes in which the maker has them,
   * and no longer than a maker that is itself a key. The key is in this answer and nowhere else.
   */
  @Post()
  @Requires('api_key:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiOperation({ operationId: 'createApiKey' })
  create(@Ctx() ctx: RequestContext, @Body() body: CreateApiKeyDto): Promise<CreatedApiKeyView> {
    const { name, scopes, boxIds, expiresAt } = body;
    return this.createApiKey.run(ctx, { name, scopes, boxIds, expiresAt: typeof expiresAt === 'string' ? new Date(expiresAt) : expiresAt });
  }

  /** Newest first, also those that have ended. */
  @Get()
  @Requires('api_key:read')
  @ApiOperation({ operationId: 'listApiKeys' })
  list(@Ctx() ctx: RequestContext, @Query() query: PageQuery): Promise<ApiKeyPage> {
    return this.pages.of(ctx, 'api keys', query, {
      isPosition: isText,
      read: (rows, after) => this.database.read(ctx, (tx) => listApiKeys(tx, rows, after)),
      position: (row) => row.api_key_id,
      view: apiKeyView,
    });
  }

  @Get(':apiKeyId')
  @Requires('api_key:read')
  @ApiParam({ name: 'apiKeyId' })
  @ApiOperation({ operationId: 'getApiKey', summary: 'One key, without the key itself.' })
  async get(@Ctx() ctx: RequestContext, @ApiKeyId() apiKeyId: string): Promise<ApiKeyViewDto> {
    const row = await this.database.read(ctx, (tx) => findApiKey(tx, apiKeyId));
    if (!row) throw new ApiKeyError('api_key_not_found');
    return apiKeyView(row);
  }

  /** Revokes a key for good, and what it invited others by: no node takes it for longer than 5 seconds. */
  @Delete(':apiKeyId')
  @HttpCode(HttpStatus.NO_CONTENT)
  @Requires('api_key:manage')
  @Idempotent()
  @ApiParam({ name: 'apiKeyId' })
  @ApiOperation({ operationId: 'revokeApiKey' })
  async revoke(@Ctx() ctx: RequestContext, @ApiKeyId() apiKeyId: string): Promise<void> {
    await this.revokeApiKey.run(ctx, apiKeyId);
  }
}
