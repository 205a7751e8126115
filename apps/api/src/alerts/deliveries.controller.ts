import { Controller, Get, HttpCode, HttpStatus, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '#access';
import { AlertError, type DeliveryPosition, ReplayDelivery, WebhookRows, deliveryView, listDeliveries } from '#alerts';
import { Database } from '#database';
import { Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { DeliveryId, WebhookId } from '../input/id-param.js';
import { Pages } from '../input/pages.js';
import { DeliveriesQuery, DeliveryDto, DeliveryPage } from './alerts.dto.js';

@ApiTags('Alerts')
@ApiParam({ name: 'workspaceId' })
@ApiParam({ name: 'webhookId' })
@Controller('v1/workspaces/:workspaceId/webhooks/:webhookId/deliveries')
export class DeliveriesController {
  constructor(
    private readonly database: Database,
    private readonly pages: Pages,
    private readonly webhooks: WebhookRows,
    private readonly replayDelivery: ReplayDelivery,
  ) {}

  /** Newest first: what this receiver was told in the last 30 days, and what it is still to be told. */
  @Get()
  @Requires('webhook:read')
  @ApiOperation({ operationId: 'listWebhookDeliveries' })
  list(@Ctx() ctx: RequestContext, @WebhookId() endpointId: string, @Query() query: DeliveriesQuery): Promise<DeliveryPage> {
    const { state } = query;
    return this.pages.of(ctx, `deliveries ${JSON.stringify([endpointId, state])}`, query, {
      isPosition,
      read: (rows, after) =>
        this.database.read(ctx, async (tx) => {
          if (!(await this.webhooks.find(tx, ctx.workspaceId, endpointId))) throw new AlertError('webhook_not_found');
          return listDeliveries(tx, { endpointId, state }, rows, after);
        }),
      position: (row) => ({ at: row.created_text, id: row.delivery_id }),
      view: deliveryView,
    });
  }

  /** Sends it once more under the same `webhook-id`, with attempts as of a new one. */
  @Post(':deliveryId/replay')
  @HttpCode(HttpStatus.OK)
  @Requires('webhook:manage')
  @Idempotent()
  @ApiParam({ name: 'deliveryId' })
  @ApiOperation({ operationId: 'replayWebhookDelivery' })
  replay(@Ctx() ctx: RequestContext, @WebhookId() webhookId: string, @DeliveryId() deliveryId: string): Promise<DeliveryDto> {
    return this.replayDelivery.run(ctx, webhookId, deliveryId);
  }
}

function isPosition(value: unknown): value is DeliveryPosition {
  return typeof value === 'object' && value !== null && 'at' in value && 'id' in value;
}
