import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsIn, IsUUID, ValidateNested } from 'class-validator';
import { ITEM_KINDS, type ItemKind, SECRET_CATEGORIES, type SecretCategory } from '#items';
import { STRATEGY_NAMES, type StrategyName } from '#key-strategies';
import { Id } from '../input/id.js';
import { Optional } from '../input/optional.js';
import { JobDto } from '../jobs/jobs.dto.js';
import { AwsKmsDto, KeyReportDto } from '../vaults/vaults.dto.js';

export class DryRunDto {
  /** Whether only to tell what would be done, and what that takes. */
  @Optional()
  @IsBoolean()
  dryRun?: boolean;
}

export class RekeyDto extends DryRunDto {
  /**
   * How the new key is kept. Not `managed`: such a key is made for a vault of its own.
   * @example "aws-kms"
   */
  @IsIn(STRATEGY_NAMES)
  strategy: StrategyName;

  /** For the strategy `aws-kms`, and only for it. */
  @Optional()
  @ValidateNested()
  @Type(() => AwsKmsDto)
  awsKms?: AwsKmsDto;
}

export class EvacuateDto extends DryRunDto {
  /** Where everything goes. */
  @Id()
  targetVaultId: string;
}

export class MoveItemsDto extends DryRunDto {
  /** Where the items are. */
  @Id()
  sourceVaultId: string;

  /** Where they go. */
  @Id()
  targetVaultId: string;

  /** Those of this box. */
  @Optional()
  @IsUUID()
  boxId?: string;

  /** Those of this kind. */
  @Optional()
  @IsIn(ITEM_KINDS)
  kind?: ItemKind;

  /** Secrets of this category. */
  @Optional()
  @IsIn(SECRET_CATEGORIES)
  category?: SecretCategory;

  /** These, of those that the rest of the filter names. */
  @Optional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @IsUUID(undefined, { each: true })
  itemIds?: string[];
}

export class SourceKeyCalls {
  decrypt: number;
}

export class TargetKeyCalls {
  encrypt: number;
  decrypt: number;
}

/** Requests to KMS, when nothing comes in between: what is begun again after a crash asks again. */
export class KeyCallsDto {
  source: SourceKeyCalls;
  target: TargetKeyCalls;
}

export class RekeyPlanDto {
  /** Data keys to be put under the new key. No item is touched. */
  dataKeys: number;
  kmsCalls: KeyCallsDto;
  /** What the checks of the new key found. */
  report: KeyReportDto;
}

export class RekeyOrderDto {
  plan: RekeyPlanDto;
  /** null after a dry run. */
  job: JobDto | null;
}

export class MovePlanDto {
  items: number;
  /** Of those items, each of which is sealed anew. */
  versions: number;
  kmsCalls: KeyCallsDto;
  /** Data keys of the source under which data was sealed for callers who keep it: that stays under the key that the vault has. */
  dataKeysGivenOut: number;
}

export class MoveOrderDto {
  plan: MovePlanDto;
  /** null after a dry run. */
  job: JobDto | null;
}
