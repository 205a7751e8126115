import { Body, Controller, Get, Patch, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '#access';
import { Database } from '#database';
import { CreateWorkspace, UpdateWorkspace, WorkspaceError, findWorkspace, workspaceView } from '#workspaces';
import { ConfirmsIdentity, Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { AwsSetup } from './aws-setup.js';
import {
  AwsSetupQuery,
  AwsSetupView,
  CreateWorkspaceDto,
  CreatedWorkspaceView,
  UpdateWorkspaceDto,
  WorkspaceViewDto,
} from './workspaces.dto.js';

@ApiTags('Workspaces')
@Controller('v1/workspaces')
export class WorkspacesController {
  constructor(
    private readonly database: Database,
    private readonly createWorkspace: CreateWorkspace,
    private readonly updateWorkspace: UpdateWorkspace,
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

  /** The workspace and its settings. */
  @Get(':workspaceId')
  @Requires('workspace:read')
  @ApiParam({ name: 'workspaceId' })
  @ApiOperation({ operationId: 'getWorkspace' })
  async get(@Ctx() ctx: RequestContext): Promise<WorkspaceViewDto> {
    const workspace = await this.database.read(ctx, findWorkspace);
    if (!workspace) throw new WorkspaceError('workspace_not_found');
    return workspaceView(workspace);
  }

  /** Changes name and settings; what is not given stays. */
  @Patch(':workspaceId')
  @Requires('workspace:manage')
  @ConfirmsIdentity()
  @Idempotent()
  @ApiParam({ name: 'workspaceId' })
  @ApiOperation({ operationId: 'updateWorkspace' })
  update(@Ctx() ctx: RequestContext, @Body() { name, awsAudience }: UpdateWorkspaceDto): Promise<WorkspaceViewDto> {
    return this.updateWorkspace.run(ctx, { name, awsAudience });
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
