import { Body, Controller, HttpCode, HttpStatus, Post, Put } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { Authenticator, type RequestContext } from '#access';
import { ChangeAuthenticator } from '#sign-in';
import { Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { SessionToken } from '../http/session-token.js';
import { TotpSettingView } from '../sign-in/invitations.dto.js';
import { ChangeAuthenticatorDto } from './sessions.dto.js';

@ApiTags('Sessions')
@ApiParam({ name: 'workspaceId' })
@Controller('v1/workspaces/:workspaceId/authenticator')
export class AuthenticatorController {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly changeAuthenticator: ChangeAuthenticator,
  ) {}

  /** A secret for a new authenticator: another one each time. Nothing is changed by it. */
  @Post('open')
  @HttpCode(HttpStatus.OK)
  @Requires('session:manage')
  @ApiOperation({ operationId: 'openAuthenticator' })
  open(@Ctx() ctx: RequestContext): Promise<TotpSettingView> {
    return this.changeAuthenticator.open(ctx);
  }

  /**
   * Replaces the authenticator, and ends all other sessions. A recovery code takes the place of one that is lost. Heeds no
   * idempotency key: its record would keep a digest of the password.
   */
  @Put()
  @HttpCode(HttpStatus.NO_CONTENT)
  @Requires('session:manage')
  @ApiOperation({ operationId: 'changeAuthenticator' })
  async change(
    @Ctx() ctx: RequestContext,
    @SessionToken() token: string,
    @Body() { totpSetUp, newTotpCode, ...identity }: ChangeAuthenticatorDto,
  ): Promise<void> {
    await this.changeAuthenticator.run(ctx, identity, { totpSetUp, newTotpCode });
    this.authenticator.forget(token);
  }
}
