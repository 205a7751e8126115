import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '#access';
import {
  AlertError,
  CreateWebhook,
  DeleteWebhook,
  RotateWebhookSecret,
  TestWebhook,
  UpdateWebhook,
  WebhookRows,
  webhookView,
} from '#alerts';
import { Database } from '#database';
import { Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { WebhookId } from '../input/id-param.js';
import { PageQuery } from '../input/page.dto.js';
import { Pages, isText } from '../input/pages.js';
import { CreateWebhookDto, UpdateWebhookDto, WebhookDto, WebhookPage, WebhookWithSecretDto } from './alerts.dto.js';

@ApiTags('Alerts')
@ApiParam({ name: 'workspaceId' })
@Controller('v1/workspaces/:workspaceId/webhooks')
export class WebhooksController {
  constructor(
    private readonly database: Database,
    private readonly pages: Pages,
    private readonly rows: WebhookRows,
    private readonly createWebhook: CreateWebhook,
    private readonly updateWebhook: UpdateWebhook,
    private readonly deleteWebhook: DeleteWebhook,
    private readonly rotateSecret: RotateWebhookSecret,
    private readonly testWebhook: TestWebhook,
  ) {}

  /** Has a receiver told of events by messages that are signed as Standard Webhooks says. The secret is in this answer and nowhere else. */
  @Post()
  @Requires('webhook:manage')
  @Idempotent()
  @ApiOperation({ operationId: 'createWebhook' })
  create(@Ctx() ctx: RequestContext, @Body() body: CreateWebhookDto): Promise<WebhookWithSecretDto> {
    return this.createWebhook.run(ctx, body);
  }

  /** Newest first. */
  @Get()
  @Requires('webhook:read')
  @ApiOperation({ operationId: 'listWebhooks' })
  list(@Ctx() ctx: RequestContext, @Query() query: PageQuery): Promise<WebhookPage> {
    return this.pages.of(ctx, 'webhooks', query, {
      isPosition: isText,
      read: (rows, after) => this.database.read(ctx, (tx) => this.rows.list(tx, ctx.workspaceId, rows, after)),
      position: (row) => row.endpoint_id,
      view: webhookView,
    });
  }

  @Get(':webhookId')
  @Requires('webhook:read')
  @ApiParam({ name: 'webhookId' })
  @ApiOperation({ operationId: 'getWebhook', summary: 'One webhook, without its secret.' })
  async get(@Ctx() ctx: RequestContext, @WebhookId() webhookId: string): Promise<WebhookDto> {
    const row = await this.database.read(ctx, (tx) => this.rows.find(tx, ctx.workspaceId, webhookId));
    if (!row) throw new AlertError('webhook_not_found');
    return webhookView(row);
  }

  /** Changes what is given; the rest stays. */
  @Patch(':webhookId')
  @Requires('webhook:manage')
  @Idempotent()
  @ApiParam({ name: 'webhookId' })
  @ApiOperation({ operationId: 'updateWebhook' })
  update(@Ctx() ctx: RequestContext, @WebhookId() webhookId: string, @Body() body: UpdateWebhookDto): Promise<WebhookDto> {
    return this.updateWebhook.run(ctx, webhookId, body);
  }

  /** Removes it with its deliveries, also those that wait. */
  @Delete(':webhookId')
  @HttpCode(HttpStatus.NO_CONTENT)
  @Requires('webhook:manage')
  @Idempotent()
  @ApiParam({ name: 'webhookId' })
  @ApiOperation({ operationId: 'deleteWebhook' })
  async delete(@Ctx() ctx: RequestContext, @WebhookId() webhookId: string): Promise<void> {
    await this.deleteWebhook.run(ctx, webhookId);
  }

  /** Makes a new secret. For 24 hours messages are signed under both, so that the receiver can change in its own time. */
  @Post(':webhookId/rotate-secret')
  @HttpCode(HttpStatus.OK)
  @Requires('webhook:manage')
  @Idempotent()
  @ApiParam({ name: 'webhookId' })
  @ApiOperation({ operationId: 'rotateWebhookSecret' })
  rotate(@Ctx() ctx: RequestContext, @WebhookId() webhookId: string): Promise<WebhookWithSecretDto> {
    return this.rotateSecret.run(ctx, webhookId);
  }

  /** Sends the receiver an event `webhook.tested`, as every alert is sent; its deliveries tell what became of it. */
  @Post(':webhookId/test')
  @HttpCode(HttpStatus.NO_CONTENT)
  @Requires('webhook:manage')
  @Idempotent()
  @ApiParam({ name: 'webhookId' })
  @ApiOperation({ operationId: 'testWebhook' })
  async test(@Ctx() ctx: RequestContext, @WebhookId() webhookId: string): Promise<void> {
    await this.testWebhook.run(ctx, webhookId);
  }
}
