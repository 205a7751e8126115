import { Body, Controller, HttpCode, HttpStatus, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AwsSignIn } from '#sign-in';
import { Public } from '../http/access.js';
import { type HttpSource, Source } from '../http/source.js';
import { AwsSessionView, AwsSignInDto } from './aws-sign-in.dto.js';
import { readAwsSignIn } from './read-aws-sign-in.js';

@ApiTags('Sign-in')
@Controller('v1/auth')
export class AwsSignInController {
  constructor(private readonly awsSignIn: AwsSignIn) {}

  /**
   * Signs an AWS identity in that shows a signed GetCallerIdentity, made for this workspace alone. Lets in whom a grant of a box
   * names. Every refusal is the same `sign_in_refused`; a signature is good for one session.
   */
  @Post('aws')
  @HttpCode(HttpStatus.OK)
  @Public()
  @ApiBody({ type: AwsSignInDto })
  @ApiOperation({ operationId: 'signInWithAws' })
  async signIn(@Body() body: unknown, @Source() source: HttpSource): Promise<AwsSessionView> {
    const { token, sessionId, expiresAt, caller } = await this.awsSignIn.run({ door: 'keyhold', ...readAwsSignIn(body), source });
    const { arn, account, uniqueId } = caller;
    return { token, sessionId, expiresAt: expiresAt.toISOString(), arn, account, uniqueId };
  }
}
