import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '#access';
import { CreateWorkspace } from '#workspaces';
import { Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { AwsSetup } from './aws-setup.js';
import { AwsSetupQuery, AwsSetupView, CreateWorkspaceDto, CreatedWorkspaceView } from './workspaces.dto.js';

@ApiTags('Workspaces')
@Controller('v1/workspaces')
export class WorkspacesController {
  constructor(
    private readonly createWorkspace: CreateWorkspace,
    private readonly awsSetup: AwsSetup,
  ) {}

  /** Creates a workspace with its invited Owner, a `default` vault, a box and a key to set it up with. For the operator. */
  @Post()
  @Requires('workspace:create')
  @Idempotent()
  @ApiOperation({ operationId: 'createWorkspace' })
  create(@Ctx() ctx: RequestContext, @Body() body: CreateWorkspaceDto): Promise<CreatedWorkspaceView> {
    return this.createWorkspace.run(ctx, body);
  }

  /** What the administrators of the customer's AWS account need: our principal, the external ID, Regions and both policies. */
  @Get(':workspaceId/aws-setup')
  @Requires('workspace:read')
  @ApiParam({ name: 'workspaceId' })
  @ApiOperation({ operationId: 'getAwsSetup' })
  getAwsSetup(@Ctx() ctx: RequestContext, @Query() query: AwsSetupQuery): AwsSetupView {
    return this.awsSetup.of(ctx.workspaceId, query);
  }
}
