import { IsInt, Max, Min } from 'class-validator';
import { Optional } from '../input/optional.js';

export class RevocationDrillDto {
  /** After which the drill fails if it is not over. Default 30. */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(240)
  timeLimitMinutes?: number;
}

/** What to do now, and how. */
export class DrillGuideDto {
  text: string;
  /** For the customer's account; run by whoever may administer the key. */
  commands: string[];
}

/** What a Region was last seen to say about its key. */
export class DrillRegionDto {
  region: string;
  /** `silent` when it could not be asked: that says nothing. */
  says: 'usable' | 'refused' | 'silent';
  cause: string | null;
  /** RFC 3339 */
  withdrawnBy: string | null;
  /** RFC 3339 */
  returnedBy: string | null;
}

export class DrillStarterDto {
  kind: string;
  id: string;
  name: string;
}

export class LastUnsealDto {
  /** RFC 3339 */
  at: string;
  /** By the drill itself, or by somebody on any node. */
  by: 'drill' | 'traffic';
}

/** What a revocation drill proves. Times are RFC 3339 by the database's clock; seconds are upper bounds. */
export class RevocationReportDto {
  /** When all was still well for the last time, and when the first sign of the withdrawal was seen. */
  disabledAfter: string;
  disabledBy: string;
  /** The last unseal of the vault that succeeded, on any node; null when none was made. */
  lastUnseal: LastUnsealDto | null;
  /** From the disabling to that unseal. */
  secondsToLastUnseal: number;
  cutOffBy: string;
  cutOffCause: string;
  cutOffRegion: string | null;
  secondsToCutOff: number;
  /** Null when no Region's key was seen to be withdrawn, but a permission say; then the seconds are not known. */
  enabledAfter: string | null;
  recoveredBy: string;
  /** From the enabling to the first unseal that succeeded again. */
  secondsToRecovery: number | null;
  /** As the vault was set when the drill began. */
  dataKeyCacheSeconds: number;
  /** The longest time without a look: of it nothing is known. */
  blindSeconds: number;
  /** By Region. */
  regions: Readonly<Record<string, unknown>>;
}

export class RegionCheckDto {
  check: 'unwrap_stored_data_key' | 'wrap' | 'unwrap';
  ok: boolean;
  cause: string | null;
  awsError: string | null;
  awsRequestId: string | null;
  milliseconds: number;
}

/** What a Region drill proves. */
export class RegionReportDto {
  /** The only one that was asked. */
  region: string;
  serves: boolean;
  /** The vault's newest data key, which was unwrapped; null when it has none yet. */
  dataKeyId: string | null;
  checks: RegionCheckDto[];
}

export class DrillDto {
  id: string;
  kind: 'revocation' | 'region';
  vaultId: string;
  state: 'queued' | 'running' | 'paused' | 'completed' | 'failed' | 'cancelled';
  /** Why it failed. */
  cause: string | null;
  /** Of a revocation drill: where it is. */
  step: 'waiting_for_disable' | 'measuring' | 'waiting_for_enable' | 'recovering' | 'done' | null;
  /** Of a revocation drill: what to do now. */
  guide: DrillGuideDto | null;
  regions: DrillRegionDto[];
  /** RFC 3339: when unsealing was first refused. */
  cutOffBy: string | null;
  startedBy: DrillStarterDto;
  /** RFC 3339 */
  createdAt: string;
  /** RFC 3339: a drill that is not over by then fails. */
  expiresAt: string | null;
  /** RFC 3339 */
  finishedAt: string | null;
  revocationReport: RevocationReportDto | null;
  regionReport: RegionReportDto | null;
}

export class DrillPage {
  data: DrillDto[];
  nextCursor: string | null;
}
