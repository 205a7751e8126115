import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { ITEM_KINDS, type ItemKind, SECRET_CATEGORIES, type SecretCategory } from '#items';
import { Id } from '../input/id.js';
import { PageQuery } from '../input/page.dto.js';
import { Optional } from '../input/optional.js';
import { IsPayload } from '../input/payload.js';
import { PlainText } from '../input/plain-text.js';

export class CreateItemDto {
  /** A login record, or any other sealed value. */
  @IsIn(ITEM_KINDS)
  kind: ItemKind;

  /** What a secret is; accounts have none. */
  @Optional()
  @IsIn(SECRET_CATEGORIES)
  category?: SecretCategory;

  /**
   * What people call it. Not sealed: it is listed without the vault key.
   * @example "Deployment robot"
   */
  @PlainText(255)
  name: string;

  /** Where it is kept, and so who may read it. The workspace's default box when absent. */
  @Optional()
  @IsUUID()
  boxId?: string;

  /** The workspace's default vault when absent. */
  @Optional()
  @IsUUID()
  vaultId?: string;

  @IsPayload()
  payload: Record<string, unknown>;
}

export class NewVersionDto {
  @Optional()
  @PlainText(255, { required: false })
  name?: string;

  @Optional()
  @IsIn(SECRET_CATEGORIES)
  category?: SecretCategory;

  @IsPayload()
  payload: Record<string, unknown>;
}

export class MoveItemDto {
  /** Where it goes. */
  @Id()
  boxId: string;
}

export class MoveItemToVaultDto {
  /** Where it goes. */
  @Id()
  vaultId: string;
}

export class VersionDto {
  /** The current version when absent. */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(2_147_483_647)
  version?: number;
}

export class VersionQuery {
  /** The current version when absent. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(2_147_483_647)
  version?: number;
}

export class ItemsQuery extends PageQuery {
  @IsOptional()
  @IsUUID()
  boxId?: string;

  @IsOptional()
  @IsUUID()
  vaultId?: string;

  @IsOptional()
  @IsIn(ITEM_KINDS)
  kind?: ItemKind;

  @IsOptional()
  @IsIn(SECRET_CATEGORIES)
  category?: SecretCategory;
}

/** What may be seen of an item without opening it. */
export class ItemViewDto {
  id: string;
  kind: 'account' | 'secret';
  category: SecretCategory | null;
  name: string;
  boxId: string;
  vaultId: string;
  /** The current one. */
  version: number;
  /** RFC 3339 */
  createdAt: string;
  /** RFC 3339 */
  updatedAt: string;
}

export class ItemVersionDto {
  version: number;
  vaultId: string;
  isCurrent: boolean;
  /** RFC 3339 */
  createdAt: string;
}

export class UnsealedItemDto {
  id: string;
  kind: 'account' | 'secret';
  category: SecretCategory | null;
  name: string;
  boxId: string;
  vaultId: string;
  version: number;
  /** As it was sealed. */
  payload: Record<string, unknown>;
}

export class ItemPage {
  data: ItemViewDto[];
  nextCursor: string | null;
}

export class ItemVersionPage {
  data: ItemVersionDto[];
  nextCursor: string | null;
}

export class JweHeader {
  /** @example "RSA-OAEP-256" */
  alg: string;
  /** ARN of the key that opens `encrypted_key`. */
  kid: string;
}

/** JWE in flattened JSON serialization (RFC 7516): `aws kms decrypt` opens `encrypted_key`, any JOSE library the rest. */
export class FlattenedJweDto {
  protected: string;
  encrypted_key: string;
  header: JweHeader;
  iv: string;
  ciphertext: string;
  tag: string;
}
