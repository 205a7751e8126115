import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Post, Put, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import { Authenticator, CONFIRMED_SECONDS, type RequestContext, ROLES, csrfTokenOf, findStoredSession } from '#access';
import { Database } from '#database';
import { ChangePassword, ConfirmIdentity, EndSession, RenewRecoveryCodes, SignInError, callingMember } from '#sign-in';
import { ConfirmsIdentity, Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { clearSessionCookie } from '../http/session-cookie.js';
import { SessionToken } from '../http/session-token.js';
import { IdentityDto } from '../input/identity.dto.js';
import { sessionTimes } from './session-views.js';
import { ChangePasswordDto, ConfirmedView, OwnSessionView, RecoveryCodesView } from './sessions.dto.js';

/**
 * One's own session and what signs one in. Requests with a password in them heed no idempotency key: its record would keep a
 * digest of the password.
 */
@ApiTags('Sessions')
@ApiParam({ name: 'workspaceId' })
@Controller('v1/workspaces/:workspaceId')
export class SessionController {
  constructor(
    private readonly database: Database,
    private readonly authenticator: Authenticator,
    private readonly endSession: EndSession,
    private readonly confirmIdentity: ConfirmIdentity,
    private readonly changePassword: ChangePassword,
    private readonly renewRecoveryCodes: RenewRecoveryCodes,
  ) {}

  /** Who one is here, and for how long. */
  @Get('session')
  @Requires('session:manage')
  @ApiOperation({ operationId: 'getSession' })
  async get(@Ctx() ctx: RequestContext, @SessionToken() token: string): Promise<OwnSessionView> {
    const { id, name, email, role, sessionId } = callingMember(ctx);
    const session = await this.database.read(ctx, (tx) => findStoredSession(tx, id, sessionId));
    if (!session) throw new SignInError('session_not_found');
    const member = { id, name, email, role };
    const { workspaceId } = ctx;
    return { id: sessionId, workspaceId, member, actions: [...ROLES[role]], csrfToken: csrfTokenOf(token), ...sessionTimes(session) };
  }

  /** Signs out. */
  @Delete('session')
  @HttpCode(HttpStatus.NO_CONTENT)
  @Requires('session:manage')
  @ApiOperation({ operationId: 'signOut' })
  async signOut(@Ctx() ctx: RequestContext, @SessionToken() token: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    await this.endSession.run(ctx, callingMember(ctx).sessionId);
    this.authenticator.forget(token);
    clearSessionCookie(reply);
    void reply.header('clear-site-data', '"cache", "storage"');
  }

  /** Shows again who one is, for the acts that lose or expose data. */
  @Post('session/confirm')
  @HttpCode(HttpStatus.OK)
  @Requires('session:manage')
  @ApiOperation({ operationId: 'confirmIdentity' })
  async confirm(@Ctx() ctx: RequestContext, @SessionToken() token: string, @Body() body: IdentityDto): Promise<ConfirmedView> {
    const confirmedAt = await this.confirmIdentity.run(ctx, body);
    this.authenticator.forget(token);
    const confirmedUntil = new Date(confirmedAt.getTime() + CONFIRMED_SECONDS * 1_000);
    return { confirmedAt: confirmedAt.toISOString(), confirmedUntil: confirmedUntil.toISOString() };
  }

  /** Changes the password, and ends all other sessions. */
  @Put('password')
  @HttpCode(HttpStatus.NO_CONTENT)
  @Requires('session:manage')
  @ApiOperation({ operationId: 'changePassword' })
  async password(
    @Ctx() ctx: RequestContext,
    @SessionToken() token: string,
    @Body() { newPassword, ...identity }: ChangePasswordDto,
  ): Promise<void> {
    await this.changePassword.run(ctx, identity, newPassword);
    this.authenticator.forget(token);
  }

  /** New recovery codes; those from before are worth nothing any more. */
  @Post('recovery-codes')
  @Requires('session:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiOperation({ operationId: 'renewRecoveryCodes' })
  recoveryCodes(@Ctx() ctx: RequestContext): Promise<RecoveryCodesView> {
    return this.renewRecoveryCodes.run(ctx);
  }
}
