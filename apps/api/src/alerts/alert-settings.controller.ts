import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '#access';
import { AlertSettings } from '#alerts';
import { Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { AlertSettingsDto, SetAlertSettingsDto } from './alerts.dto.js';

@ApiTags('Alerts')
@ApiParam({ name: 'workspaceId' })
@Controller('v1/workspaces/:workspaceId/alert-settings')
export class AlertSettingsController {
  constructor(private readonly settings: AlertSettings) {}

  @Get()
  @Requires('webhook:read')
  @ApiOperation({ operationId: 'getAlertSettings', summary: 'Who is told by e-mail, and of what.' })
  get(@Ctx() ctx: RequestContext): Promise<AlertSettingsDto> {
    return this.settings.get(ctx);
  }

  /** Replaces them. Mail that waits for an address which is no longer named is not sent. */
  @Put()
  @Requires('webhook:manage')
  @Idempotent()
  @ApiOperation({ operationId: 'setAlertSettings' })
  set(@Ctx() ctx: RequestContext, @Body() body: SetAlertSettingsDto): Promise<AlertSettingsDto> {
    return this.settings.set(ctx, body);
  }
}
