import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '#access';
import { Database } from '#database';
import {
  CreateIdentityProvider,
  DeleteIdentityProvider,
  IdentityProviderError,
  IdentityProviderRows,
  IdentityProviderViews,
  UpdateIdentityProvider,
} from '#sign-in';
import { ConfirmsIdentity, Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { ProviderId } from '../input/id-param.js';
import { PageQuery } from '../input/page.dto.js';
import { Pages, isText } from '../input/pages.js';
import {
  CreateIdentityProviderDto,
  IdentityProviderPage,
  IdentityProviderViewDto,
  UpdateIdentityProviderDto,
} from './identity-providers.dto.js';

@ApiTags('Identity providers')
@ApiParam({ name: 'workspaceId' })
@Controller('v1/workspaces/:workspaceId/identity-providers')
export class IdentityProvidersController {
  constructor(
    private readonly database: Database,
    private readonly rows: IdentityProviderRows,
    private readonly views: IdentityProviderViews,
    private readonly pages: Pages,
    private readonly createProvider: CreateIdentityProvider,
    private readonly updateProvider: UpdateIdentityProvider,
    private readonly deleteProvider: DeleteIdentityProvider,
  ) {}

  /**
   * Registers an OpenID provider. Its discovery document is read first: when that fails, the answer is 422
   * `identity_provider_rejected` with what to do, and nothing is stored.
   */
  @Post()
  @Requires('identity_provider:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiOperation({ operationId: 'createIdentityProvider' })
  create(@Ctx() ctx: RequestContext, @Body() body: CreateIdentityProviderDto): Promise<IdentityProviderViewDto> {
    return this.createProvider.run(ctx, body);
  }

  /** Newest first. */
  @Get()
  @Requires('identity_provider:manage')
  @ApiOperation({ operationId: 'listIdentityProviders' })
  list(@Ctx() ctx: RequestContext, @Query() query: PageQuery): Promise<IdentityProviderPage> {
    return this.pages.of(ctx, 'identity-providers', query, {
      isPosition: isText,
      read: (rows, after) => this.database.read(ctx, (tx) => this.rows.list(tx, ctx.workspaceId, rows, after)),
      position: (row) => row.provider_id,
      view: (row) => this.views.of(row),
    });
  }

  @Get(':providerId')
  @Requires('identity_provider:manage')
  @ApiParam({ name: 'providerId' })
  @ApiOperation({ operationId: 'getIdentityProvider', summary: 'One identity provider.' })
  async get(@Ctx() ctx: RequestContext, @ProviderId() providerId: string): Promise<IdentityProviderViewDto> {
    const row = await this.database.read(ctx, (tx) => this.rows.find(tx, ctx.workspaceId, providerId));
    if (!row) throw new IdentityProviderError('identity_provider_not_found');
    return this.views.of(row);
  }

  /** Changes what is given; the rest stays. */
  @Patch(':providerId')
  @Requires('identity_provider:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiParam({ name: 'providerId' })
  @ApiOperation({ operationId: 'updateIdentityProvider' })
  update(
    @Ctx() ctx: RequestContext,
    @ProviderId() providerId: string,
    @Body() body: UpdateIdentityProviderDto,
  ): Promise<IdentityProviderViewDto> {
    return this.updateProvider.run(ctx, providerId, body);
  }

  /** Removes it, with what it said about who members are; their sessions end. Its groups must be gone first. */
  @Delete(':providerId')
  @HttpCode(HttpStatus.NO_CONTENT)
  @Requires('identity_provider:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiParam({ name: 'providerId' })
  @ApiOperation({ operationId: 'deleteIdentityProvider' })
  async delete(@Ctx() ctx: RequestContext, @ProviderId() providerId: string): Promise<void> {
    await this.deleteProvider.run(ctx, providerId);
  }
}
