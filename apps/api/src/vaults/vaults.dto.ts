import { Type } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsString, Length, Max, Min, ValidateNested } from 'class-validator';
import { STRATEGY_NAMES, type StrategyName } from '#key-strategies';
import { Optional } from '../input/optional.js';
import { PlainText } from '../input/plain-text.js';
import { KeyCheckDto } from './key-check.dto.js';

export class VaultSettingsDto {
  /** How many item versions one data key protects; 1 makes each unseal one line in the customer's CloudTrail. Default 1,000. */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(1_048_576)
  itemsPerDataKey?: number;

  /** How old a data key may become before new items get another one. Default 24 hours. */
  @Optional()
  @IsInt()
  @Min(60)
  @Max(31_536_000)
  dataKeyMaxAgeSeconds?: number;

  /** How long a data key may stay open in memory; 0 asks the vault key for every unseal. Default 60. */
  @Optional()
  @IsInt()
  @Min(0)
  @Max(300)
  dataKeyCacheSeconds?: number;
}

/** The customer's key. Regions and external ID follow from the service and the workspace and are never given. */
export class AwsKmsDto {
  /** @example "111122223333" */
  @IsString()
  @Length(1, 2048)
  accountId: string;

  /** @example "mrk-1234abcd12ab34cd56ef1234567890ab" */
  @IsString()
  @Length(1, 2048)
  keyId: string;

  /** @example "arn:aws:iam::111122223333:role/keyhold" */
  @IsString()
  @Length(1, 2048)
  roleArn: string;
}

export class CreateVaultDto extends VaultSettingsDto {
  /** @example "Production" */
  @PlainText(200)
  name: string;

  /** How the vault's key is kept. */
  @IsIn(STRATEGY_NAMES)
  strategy: StrategyName;

  /** Whether new items go here when they name no vault. */
  @Optional()
  @IsBoolean()
  setAsDefault?: boolean;

  /** For the strategy `aws-kms`, and only for it. */
  @Optional()
  @ValidateNested()
  @Type(() => AwsKmsDto)
  awsKms?: AwsKmsDto;
}

export class UpdateVaultDto extends VaultSettingsDto {
  @Optional()
  @PlainText(200, { required: false })
  name?: string;
}

/** What people decide about a vault. */
export class VaultDecisionDto {
  /**
   * Why; stands in the audit trail.
   * @example "The contract has ended."
   */
  @Optional()
  @PlainText(500, { required: false })
  reason?: string;
}

export class AwsKmsKeyArns {
  main: string;
  replica: string;
}

export class AwsKmsView {
  accountId: string;
  keyId: string;
  roleArn: string;
  keyArns: AwsKmsKeyArns;
  /** SHA-256 of the public key, pinned at registration. */
  publicKeyFingerprint: string | null;
}

/** The key that the service made for the vault, in its own AWS account. */
export class ManagedKeyView {
  keyArns: AwsKmsKeyArns;
  /** SHA-256 of the public key. */
  publicKeyFingerprint: string | null;
}

export class VaultViewDto {
  id: string;
  name: string;
  strategy: 'default' | 'managed' | 'aws-kms';
  isDefault: boolean;
  /** What people decided. */
  status: 'active' | 'disabled' | 'suspended';
  /** What a suspended vault is again once it is resumed; null while it is not suspended. */
  resumesAs: 'active' | 'disabled' | null;
  /** What the last use or check of the key found. */
  keyHealth: 'healthy' | 'degraded' | 'unreachable' | 'refused' | 'pending_deletion';
  keyHealthCause: string | null;
  keyHealthRegion: string | null;
  keyHealthAwsError: string | null;
  keyHealthAwsRequestId: string | null;
  /** RFC 3339 */
  keyHealthSince: string;
  itemsPerDataKey: number;
  dataKeyMaxAgeSeconds: number;
  dataKeyCacheSeconds: number;
  /** RFC 3339 */
  createdAt: string;
  /** RFC 3339 */
  updatedAt: string;
  /** Of vaults with the strategy `aws-kms`. */
  awsKms?: AwsKmsView;
  /** Of vaults with the strategy `managed`. */
  managed?: ManagedKeyView;
}

export class DeleteVaultQuery {
  /** For a vault with the strategy `managed`: how many days AWS waits before it deletes the key. Default 30. */
  @Optional()
  @Type(() => Number)
  @IsInt()
  @Min(7)
  @Max(30)
  keyDeletionDays?: number;
}

export class DeletedVaultView {
  id: string;
  name: string;
  strategy: 'default' | 'managed' | 'aws-kms';
  /** How many days AWS waits before it deletes the key that was made for the vault; null where no key was. */
  keyDeletionDays: number | null;
  /** RFC 3339. Null until AWS has been told, and where nothing can be restored. */
  restorableUntil: string | null;
}

export class DeletedVaultPage {
  data: DeletedVaultView[];
  nextCursor: string | null;
}

export class RestoreVaultDto {
  /** Another name, where a new vault has taken the old one. */
  @Optional()
  @PlainText(200, { required: false })
  name?: string;
}

export class KeyReportDto {
  ok: boolean;
  health: 'healthy' | 'degraded' | 'unreachable' | 'refused' | 'pending_deletion';
  /** Every check in the order in which it was made; those that an earlier failure made pointless are left out. */
  checks: KeyCheckDto[];
}

export class CreatedVaultView {
  vault: VaultViewDto;
  report: KeyReportDto;
}

export class VaultPage {
  data: VaultViewDto[];
  nextCursor: string | null;
}
