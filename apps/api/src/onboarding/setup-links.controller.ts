import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '#access';
import { Database } from '#database';
import { CreateSetupLink, OnboardingError, RevokeSetupLink, findSetupLink, listSetupLinks, setupLinkView } from '#onboarding';
import { Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { SetupLinkId } from '../input/id-param.js';
import { PageQuery } from '../input/page.dto.js';
import { Pages, isText } from '../input/pages.js';
import { CreateSetupLinkDto, CreatedSetupLinkView, SetupLinkPage, SetupLinkViewDto } from './onboarding.dto.js';

const WEEK_HOURS = 7 * 24;

@ApiTags('AWS set-up')
@ApiParam({ name: 'workspaceId' })
@Controller('v1/workspaces/:workspaceId/aws-setup/links')
export class SetupLinksController {
  constructor(
    private readonly database: Database,
    private readonly pages: Pages,
    private readonly createSetupLink: CreateSetupLink,
    private readonly revokeSetupLink: RevokeSetupLink,
  ) {}

  /**
   * Makes a link for the administrators of the customer's AWS account. Whoever has it sees, without an account here, what they
   * need, and can send back the three values of the key; nothing else. The link is in this answer and nowhere else.
   */
  @Post()
  @Requires('vault:create')
  @Idempotent()
  @ApiOperation({ operationId: 'createSetupLink' })
  create(@Ctx() ctx: RequestContext, @Body() body: CreateSetupLinkDto): Promise<CreatedSetupLinkView> {
    const { name, validForHours = WEEK_HOURS, showsWorkspaceName = false } = body;
    return this.createSetupLink.run(ctx, { name, validForHours, showsWorkspaceName });
  }

  /** Newest first, also those that have ended in the last 30 days. */
  @Get()
  @Requires('vault:create')
  @ApiOperation({ operationId: 'listSetupLinks' })
  list(@Ctx() ctx: RequestContext, @Query() query: PageQuery): Promise<SetupLinkPage> {
    return this.pages.of(ctx, 'setup links', query, {
      isPosition: isText,
      read: (rows, after) => this.database.read(ctx, (tx) => listSetupLinks(tx, rows, after)),
      position: (row) => row.link_id,
      view: setupLinkView,
    });
  }

  @Get(':linkId')
  @Requires('vault:create')
  @ApiParam({ name: 'linkId' })
  @ApiOperation({ operationId: 'getSetupLink', summary: 'One link, without the link itself.' })
  async get(@Ctx() ctx: RequestContext, @SetupLinkId() linkId: string): Promise<SetupLinkViewDto> {
    const row = await this.database.read(ctx, (tx) => findSetupLink(tx, linkId));
    if (!row) throw new OnboardingError('setup_link_not_found');
    return setupLinkView(row);
  }

  /** Revokes a link for good: no node takes it for longer than 5 seconds. What came through it stays. */
  @Delete(':linkId')
  @HttpCode(HttpStatus.NO_CONTENT)
  @Requires('vault:create')
  @Idempotent()
  @ApiParam({ name: 'linkId' })
  @ApiOperation({ operationId: 'revokeSetupLink' })
  async revoke(@Ctx() ctx: RequestContext, @SetupLinkId() linkId: string): Promise<void> {
    await this.revokeSetupLink.run(ctx, linkId);
  }
}
