import { Controller, Get, Param, Res, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { RequestContext } from '#access';
import { SETUP_FILES, type SetupFileName } from '#aws';
import { Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { HttpError } from '../http/http-error.js';
import { AwsSetup } from '../workspaces/aws-setup.js';

const NAMES = Object.keys(SETUP_FILES) as SetupFileName[];
const MEDIA_TYPES = new Set(Object.values(SETUP_FILES).map(({ mediaType }) => mediaType));

@ApiTags('AWS set-up')
@ApiParam({ name: 'workspaceId' })
@Controller('v1/workspaces/:workspaceId/aws-setup')
export class SetupFilesController {
  constructor(private readonly setup: AwsSetup) {}

  /**
   * A file that makes the customer's side of an `aws-kms` vault, with this workspace's values: `cloudformation` for a stack in the
   * main Region and `cloudformation-replica` for one in the other, or `terraform`, or `cli`, a script for the AWS command line.
   */
  @Get(':file')
  @Requires('workspace:read')
  @ApiParam({ name: 'file', enum: NAMES })
  @ApiOperation({ operationId: 'getAwsSetupFile' })
  @ApiOkResponse({
    description: 'The file.',
    content: Object.fromEntries([...MEDIA_TYPES].map((type) => [type, { schema: schemaOf(type) }])),
  })
  getFile(@Ctx() ctx: RequestContext, @Param('file') asked: string, @Res({ passthrough: true }) reply: FastifyReply): StreamableFile {
    const name = NAMES.find((known) => known === asked);
    if (name === undefined) throw new HttpError('not_found');
    const { fileName, mediaType, text } = this.setup.file(ctx.workspaceId, name);
    void reply.header('content-disposition', `attachment; filename="${fileName}"`);
    return new StreamableFile(Buffer.from(text), { type: `${mediaType}; charset=utf-8` });
  }
}

function schemaOf(mediaType: string): { type: 'object'; additionalProperties: true } | { type: 'string' } {
  return mediaType === 'application/json' ? { type: 'object', additionalProperties: true } : { type: 'string' };
}
