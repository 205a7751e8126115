import { Controller, Get, HttpCode, HttpStatus, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '#access';
import { Database } from '#database';
import { DirectJob, Jobs, jobView } from '#jobs';
import { Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { JobId } from '../input/id-param.js';
import { Pages, isText } from '../input/pages.js';
import { JobDto, JobPage, JobsQuery } from './jobs.dto.js';

@ApiTags('Jobs')
@ApiParam({ name: 'workspaceId' })
@Controller('v1/workspaces/:workspaceId/jobs')
export class JobsController {
  constructor(
    private readonly database: Database,
    private readonly pages: Pages,
    private readonly jobs: Jobs,
    private readonly directJob: DirectJob,
  ) {}

  /** Newest first: what runs in the background, and what came of what did. */
  @Get()
  @Requires('job:read')
  @ApiOperation({ operationId: 'listJobs' })
  list(@Ctx() ctx: RequestContext, @Query() query: JobsQuery): Promise<JobPage> {
    const { kind, state, vaultId } = query;
    const filter = { kinds: kind && [kind], state, vaultId };
    return this.pages.of(ctx, `jobs ${JSON.stringify(filter)}`, query, {
      isPosition: isText,
      read: (rows, after) => this.database.read(ctx, (tx) => this.jobs.list(tx, filter, rows, after)),
      position: ({ jobId }) => jobId,
      view: jobView,
    });
  }

  @Get(':jobId')
  @Requires('job:read')
  @ApiParam({ name: 'jobId' })
  @ApiOperation({ operationId: 'getJob', summary: 'One job, and how far it is.' })
  async get(@Ctx() ctx: RequestContext, @JobId() jobId: string): Promise<JobDto> {
    return jobView(await this.database.read(ctx, (tx) => this.jobs.find(tx, ctx.workspaceId, jobId)));
  }

  /** Stops the job behind what it commits at this moment; nothing that is done is undone. */
  @Post(':jobId/pause')
  @HttpCode(HttpStatus.OK)
  @Requires('job:manage')
  @Idempotent()
  @ApiParam({ name: 'jobId' })
  @ApiOperation({ operationId: 'pauseJob' })
  pause(@Ctx() ctx: RequestContext, @JobId() jobId: string): Promise<JobDto> {
    return this.directJob.pause(ctx, jobId);
  }

  /** Lets a paused job go on where it was. */
  @Post(':jobId/resume')
  @HttpCode(HttpStatus.OK)
  @Requires('job:manage')
  @Idempotent()
  @ApiParam({ name: 'jobId' })
  @ApiOperation({ operationId: 'resumeJob' })
  resume(@Ctx() ctx: RequestContext, @JobId() jobId: string): Promise<JobDto> {
    return this.directJob.resume(ctx, jobId);
  }

  /** Ends the job for good. What is done stays done, and everything stays readable. */
  @Post(':jobId/cancel')
  @HttpCode(HttpStatus.OK)
  @Requires('job:manage')
  @Idempotent()
  @ApiParam({ name: 'jobId' })
  @ApiOperation({ operationId: 'cancelJob' })
  cancel(@Ctx() ctx: RequestContext, @JobId() jobId: string): Promise<JobDto> {
    return this.directJob.cancel(ctx, jobId);
  }
}
