import { Controller, Get, HttpCode, HttpStatus, Query, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccessError, type RequestContext, tokenDigest } from '#access';
import { BeginOidc, IdentityProviderError, type SessionToConfirm } from '#sign-in';
import { Requires } from '../http/access.js';
import { credentialOf } from '../http/credential.js';
import { Ctx } from '../http/ctx.js';
import { isId } from '../input/id-param.js';
import { setFlowCookie } from './flow-cookie.js';
import { ConfirmWithOidcQuery } from './oidc-sign-in.dto.js';

@ApiTags('Sessions')
@ApiParam({ name: 'workspaceId' })
@Controller('v1/workspaces/:workspaceId/session')
export class ConfirmWithOidcController {
  constructor(private readonly beginOidc: BeginOidc) {}

  /** Sends the browser of somebody who is signed in to the identity provider, to sign in there again: that confirms this session. */
  @Get('confirm/oidc')
  @HttpCode(HttpStatus.FOUND)
  @Requires('session:manage')
  @ApiOperation({ operationId: 'startOidcConfirmation' })
  @ApiResponse({ status: HttpStatus.FOUND, description: 'To the identity provider.' })
  async start(
    @Ctx() ctx: RequestContext,
    @Query() { providerId, returnTo = '/' }: ConfirmWithOidcQuery,
    @Req() { raw }: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    if (!isId(providerId)) throw new IdentityProviderError('identity_provider_not_found');
    const { workspaceId } = ctx;
    const confirms = sessionOf(ctx, credentialOf(raw)?.token ?? '');
    const { location, sealedFlow } = await this.beginOidc.run({ workspaceId, providerId, returnTo, confirms });
    setFlowCookie(reply, sealedFlow);
    void reply.header('location', location);
  }
}

function sessionOf({ principal }: RequestContext, token: string): SessionToConfirm {
  if (principal.kind !== 'member') throw new AccessError('forbidden');
  return { sessionId: principal.sessionId, memberId: principal.id, tokenDigest: tokenDigest(token).toString('base64') };
}
