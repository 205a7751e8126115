import { Body, Controller, HttpCode, HttpStatus, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import { Invitations } from '#sign-in';
import { Public } from '../http/access.js';
import { type HttpSource, Source } from '../http/source.js';
import { handOver } from './hand-over.js';
import { AcceptInvitationDto, JoinedView, OpenInvitationDto, OpenedInvitationView } from './invitations.dto.js';

@ApiTags('Sign-in')
@Controller('v1/invitations')
export class InvitationsController {
  constructor(private readonly invitations: Invitations) {}

  /** What an invitation is for, and a secret for an authenticator: another one each time. Nothing is changed by it. */
  @Post('open')
  @HttpCode(HttpStatus.OK)
  @Public()
  @ApiOperation({ operationId: 'openInvitation' })
  async open(@Source() source: HttpSource, @Body() { token }: OpenInvitationDto): Promise<OpenedInvitationView> {
    const { expiresAt, ...opened } = await this.invitations.open(source, token);
    return { ...opened, expiresAt: expiresAt.toISOString() };
  }

  /** Makes a member of whoever was invited, and signs them in. */
  @Post('accept')
  @Public()
  @ApiOperation({ operationId: 'acceptInvitation' })
  async accept(
    @Source() source: HttpSource,
    @Body() { as, ...acceptance }: AcceptInvitationDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JoinedView> {
    const { signedIn, recoveryCodes } = await this.invitations.accept(source, acceptance);
    return { ...handOver(reply, signedIn, as), recoveryCodes };
  }
}
