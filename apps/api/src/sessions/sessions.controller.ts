import { Controller, Delete, Get, HttpCode, HttpStatus, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { type RequestContext, listSessions } from '#access';
import { Database } from '#database';
import { EndSession, callingMember } from '#sign-in';
import { Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { SessionId } from '../input/id-param.js';
import { PageQuery } from '../input/page.dto.js';
import { Pages, isText } from '../input/pages.js';
import { listedSession } from './session-views.js';
import { SessionPage } from './sessions.dto.js';

@ApiTags('Sessions')
@ApiParam({ name: 'workspaceId' })
@Controller('v1/workspaces/:workspaceId/sessions')
export class SessionsController {
  constructor(
    private readonly database: Database,
    private readonly pages: Pages,
    private readonly endSession: EndSession,
  ) {}

  /** One's own, newest first. */
  @Get()
  @Requires('session:manage')
  @ApiOperation({ operationId: 'listSessions' })
  list(@Ctx() ctx: RequestContext, @Query() query: PageQuery): Promise<SessionPage> {
    const { id, sessionId } = callingMember(ctx);
    return this.pages.of(ctx, `sessions ${id}`, query, {
      isPosition: isText,
      read: (rows, before) => this.database.read(ctx, (tx) => listSessions(tx, id, rows, before)),
      position: (row) => row.session_id,
      view: (row) => listedSession(row, sessionId),
    });
  }

  /** Ends one of one's own sessions. It counts nowhere any more within 5 seconds. */
  @Delete(':sessionId')
  @HttpCode(HttpStatus.NO_CONTENT)
  @Requires('session:manage')
  @Idempotent()
  @ApiParam({ name: 'sessionId' })
  @ApiOperation({ operationId: 'endSession' })
  async end(@Ctx() ctx: RequestContext, @SessionId() sessionId: string): Promise<void> {
    await this.endSession.run(ctx, sessionId);
  }
}
