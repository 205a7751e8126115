import { Body, Controller, HttpCode, HttpStatus, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { type FastifyReply } from 'fastify';
import { SignInWithPassword } from '#sign-in';
import { Public } from '../http/access.js';
import { type HttpSource, Source } from '../http/source.js';
import { handOver } from './hand-over.js';
import { PasswordSignInDto, SignedInView } from './sign-in.dto.js';

@ApiTags('Sign-in')
@Controller('v1/sign-in')
export class SignInController {
  constructor(private readonly signInWithPassword: SignInWithPassword) {}

  /** With e-mail address, password and a code. Whatever is wrong, the answer is the same. */
  @Post('password')
  @HttpCode(HttpStatus.OK)
  @Public()
  @ApiOperation({ operationId: 'signInWithPassword' })
  async withPassword(
    @Source() source: HttpSource,
    @Body() { as, ...claimed }: PasswordSignInDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SignedInView> {
    return handOver(reply, await this.signInWithPassword.run(source, claimed), as);
  }
}
