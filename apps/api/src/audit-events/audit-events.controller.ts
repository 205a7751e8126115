import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '#access';
import { type AuditFilter, type AuditPosition, listEvents } from '#audit';
import { Database } from '#database';
import { Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Pages } from '../input/pages.js';
import { AuditEventPage, AuditEventsQuery } from './audit-events.dto.js';

@ApiTags('Audit')
@ApiParam({ name: 'workspaceId' })
@Controller('v1/workspaces/:workspaceId/audit-events')
export class AuditEventsController {
  constructor(
    private readonly database: Database,
    private readonly pages: Pages,
  ) {}

  /** Newest first. Every act and every unseal has its event in the same commit, before its answer. */
  @Get()
  @Requires('audit:read')
  @ApiOperation({ operationId: 'listAuditEvents' })
  list(@Ctx() ctx: RequestContext, @Query() query: AuditEventsQuery): Promise<AuditEventPage> {
    const filter = filterOf(query);
    return this.pages.of(ctx, `audit ${JSON.stringify(filter)}`, query, {
      isPosition,
      read: (rows, after) => this.database.read(ctx, (tx) => listEvents(tx, filter, rows, after)),
      position: ({ at, id }) => ({ at, id }),
      view: (event) => ({ ...event, calls: [...event.calls] }),
    });
  }
}

function filterOf({ type, boxId, vaultId, itemId, principalId, requestId, kmsRequestId, from, to }: AuditEventsQuery): AuditFilter {
  return { type, boxId, vaultId, itemId, principalId, requestId, kmsRequestId, from, to };
}

function isPosition(value: unknown): value is AuditPosition {
  return typeof value === 'object' && value !== null && 'at' in value && 'id' in value;
}
