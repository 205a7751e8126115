import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { JOB_KINDS, JOB_STATES, type JobKind, type JobState } from '#jobs';
import { PageQuery } from '../input/page.dto.js';

export class JobsQuery extends PageQuery {
  @IsOptional()
  @IsIn(JOB_KINDS)
  kind?: JobKind;

  @IsOptional()
  @IsIn(JOB_STATES)
  state?: JobState;

  @IsOptional()
  @IsUUID()
  vaultId?: string;
}

export class JobRequesterDto {
  kind: string;
  id: string;
  name: string;
}

export class JobProgressDto {
  /** How many parts there are; null as long as that is not known. */
  total: number | null;
  done: number;
  /** Parts that could not be done; the result says which. */
  failed: number;
}

/** Something that runs in the background. */
export class JobDto {
  id: string;
  kind: string;
  state: 'queued' | 'running' | 'paused' | 'completed' | 'failed' | 'cancelled';
  vaultId: string | null;
  /** What was asked for. */
  params: Readonly<Record<string, unknown>>;
  requestedBy: JobRequesterDto;
  progress: JobProgressDto;
  /** What came of it, or what keeps it from going on; its shape depends on the kind. */
  result: Readonly<Record<string, unknown>> | null;
  /** Why it failed, or paused by itself. */
  cause: string | null;
  /** RFC 3339 */
  createdAt: string;
  /** RFC 3339 */
  startedAt: string | null;
  /** RFC 3339; of a running job not much older than now. */
  updatedAt: string;
  /** RFC 3339 */
  finishedAt: string | null;
}

export class JobPage {
  data: JobDto[];
  nextCursor: string | null;
}
