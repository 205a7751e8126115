import { Controller, Delete, Get, HttpCode, HttpStatus, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '#access';
import { Database } from '#database';
import { DiscardProposal, ProposalRows, proposalView } from '#onboarding';
import { Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { Idempotent } from '../http/idempotent.js';
import { ProposalId } from '../input/id-param.js';
import { PageQuery } from '../input/page.dto.js';
import { Pages, isText } from '../input/pages.js';
import { ProposalPage } from './onboarding.dto.js';

@ApiTags('AWS set-up')
@ApiParam({ name: 'workspaceId' })
@Controller('v1/workspaces/:workspaceId/aws-setup/proposals')
export class SetupProposalsController {
  constructor(
    private readonly database: Database,
    private readonly pages: Pages,
    private readonly proposals: ProposalRows,
    private readonly discardProposal: DiscardProposal,
  ) {}

  /**
   * What came back through links, newest first. Nobody has checked who sent it: compare the account with the one that is meant,
   * then create a vault with `awsKms` as it stands here, which proves the key.
   */
  @Get()
  @Requires('vault:create')
  @ApiOperation({ operationId: 'listSetupProposals' })
  list(@Ctx() ctx: RequestContext, @Query() query: PageQuery): Promise<ProposalPage> {
    return this.pages.of(ctx, 'setup proposals', query, {
      isPosition: isText,
      read: (rows, after) => this.database.read(ctx, (tx) => this.proposals.list(tx, rows, after)),
      position: (row) => row.proposal_id,
      view: (row) => proposalView(this.proposals, ctx.workspaceId, row),
    });
  }

  /** Takes a proposal away that was registered, or is not wanted. */
  @Delete(':proposalId')
  @HttpCode(HttpStatus.NO_CONTENT)
  @Requires('vault:create')
  @Idempotent()
  @ApiParam({ name: 'proposalId' })
  @ApiOperation({ operationId: 'discardSetupProposal' })
  async discard(@Ctx() ctx: RequestContext, @ProposalId() proposalId: string): Promise<void> {
    await this.discardProposal.run(ctx, proposalId);
  }
}
