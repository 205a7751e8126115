import { Body, Controller, HttpCode, HttpStatus, Post } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { RequestContext } from '#access';
import { SealData, UnsealData } from '#items';
import { Requires } from '../http/access.js';
import { Ctx } from '../http/ctx.js';
import { problemOf } from '../http/problem-of.js';
import { TakesBody } from '../http/takes-body.js';
import {
  DataToSealDto,
  DataToUnsealDto,
  SealDto,
  SealedEntry,
  SealedView,
  UnsealDto,
  UnsealedEntry,
  UnsealedView,
} from './sealed-data.dto.js';
import { singleOrEntries } from './single-or-entries.js';

@ApiTags('Sealed data')
@ApiParam({ name: 'workspaceId' })
@Controller('v1/workspaces/:workspaceId')
export class SealedDataController {
  constructor(
    private readonly sealData: SealData,
    private readonly unsealData: UnsealData,
  ) {}

  /** Seals for callers that keep what is sealed themselves: one thing, or up to 1,000 with an outcome each. A repeat is harmless: each call seals anew. */
  @Post('seal')
  @HttpCode(HttpStatus.OK)
  @Requires('item:seal')
  @TakesBody('batch')
  @ApiOperation({ operationId: 'seal' })
  async seal(@Ctx() ctx: RequestContext, @Body() { vaultId, context, payload, entries: many }: SealDto): Promise<SealedView> {
    const { isSingle, entries } = singleOrEntries<DataToSealDto>({ context, payload }, many);
    const sealed = await this.sealData.run(ctx, vaultId, entries);
    const results = sealed.results.map((result): SealedEntry => ('sealed' in result ? { ok: true, ...result } : refused(ctx, result)));
    return isSingle ? { vaultId: sealed.vaultId, sealed: only(sealed.results).sealed } : { vaultId: sealed.vaultId, results };
  }

  /** Opens what callers kept. All events are on record before the first payload is answered. */
  @Post('unseal')
  @HttpCode(HttpStatus.OK)
  @Requires('item:unseal')
  @TakesBody('batch')
  @ApiOperation({ operationId: 'unseal' })
  async unseal(@Ctx() ctx: RequestContext, @Body() { context, sealed, entries: many }: UnsealDto): Promise<UnsealedView> {
    const { isSingle, entries } = singleOrEntries<DataToUnsealDto>({ context, sealed }, many);
    const outcomes = await this.unsealData.run(ctx, entries);
    if (isSingle) return { payload: { ...only(outcomes).payload } };
    return {
      results: outcomes.map(
        (result): UnsealedEntry => ('payload' in result ? { ok: true, payload: { ...result.payload } } : refused(ctx, result)),
      ),
    };
  }
}

function refused(ctx: RequestContext, { error }: { error: unknown }): { ok: false; error: SealedEntry['error'] & object } {
  return { ok: false, error: { ...problemOf(error).body, requestId: ctx.requestId } as SealedEntry['error'] & object };
}

/** The outcome of the one thing that was asked; its failure is the request's. */
function only<Result extends object>(results: readonly (Result | { error: unknown })[]): Exclude<Result, { error: unknown }> {
  const [result] = results;
  if (!result) throw new Error('one entry has one outcome');
  if ('error' in result) throw result.error;
  return result as Exclude<Result, { error: unknown }>;
}
