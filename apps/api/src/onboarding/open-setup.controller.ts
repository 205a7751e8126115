import { Body, Controller, Get, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '#access';
import { SETUP_FILES, type SetupFileName } from '#aws';
import { OpenSetupLink, ProposeKey } from '#onboarding';
import { Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { AwsKmsDto } from '../vaults/vaults.dto.js';
import { AwsSetup } from '../workspaces/aws-setup.js';
import { OpenedSetupView, ReceivedProposalView } from './onboarding.dto.js';

const NAMES = Object.keys(SETUP_FILES) as SetupFileName[];

/** For who holds a link: what stands behind its `#` is the token to authenticate with. It opens these two and nothing else. */
@ApiTags('AWS set-up')
@Controller('v1/aws-setup')
export class OpenSetupController {
  constructor(
    private readonly setup: AwsSetup,
    private readonly openSetupLink: OpenSetupLink,
    private readonly proposeKey: ProposeKey,
  ) {}

  /** What the administrators of the customer's AWS account need, as `getAwsSetup` tells it, with all files. */
  @Get()
  @Requires('aws_setup:answer')
  @ApiOperation({ operationId: 'openAwsSetup' })
  async open(@Ctx() ctx: RequestContext): Promise<OpenedSetupView> {
    const opened = await this.openSetupLink.run(ctx);
    const { principalArn, externalId, regions, key, trustPolicy, permissionPolicy } = this.setup.of(ctx.workspaceId, {});
    const files = NAMES.map((name) => ({ name, ...this.setup.file(ctx.workspaceId, name) }));
    return { ...opened, principalArn, externalId, regions, key, trustPolicy, permissionPolicy, files };
  }

  /** Sends the values of the key. Somebody of the workspace looks at them, and registers the key. */
  @Post('proposals')
  @Requires('aws_setup:answer')
  @Idempotent()
  @ApiOperation({ operationId: 'proposeKey' })
  propose(@Ctx() ctx: RequestContext, @Body() { accountId, keyId, roleArn }: AwsKmsDto): Promise<ReceivedProposalView> {
    return this.proposeKey.run(ctx, { accountId, keyId, roleArn });
  }
}
