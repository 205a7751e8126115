import { Transform } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, ArrayUnique, IsArray, IsIn, IsUUID, ValidateIf } from 'class-validator';
import { type Action, SCOPES } from '#access';
import { IsInstant } from '../input/instant.js';
import { Optional } from '../input/optional.js';
import { PlainText } from '../input/plain-text.js';

const inLowerCase = (value: unknown): unknown => (typeof value === 'string' ? value.toLowerCase() : value);

export class CreateApiKeyDto {
  /** @example "Deploy robot" */
  @PlainText(200)
  name: string;

  /**
   * What the key is for: only what its maker may do.
   * @example ["item:read", "item:unseal"]
   */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(SCOPES.length)
  @ArrayUnique()
  @IsIn(SCOPES, { each: true })
  scopes: Action[];

  /** The boxes it is for. Without a list it is for every box, also for those to come: only for whoever may open every box to others. */
  @Optional()
  @Transform(({ value }: { value: unknown }) => (Array.isArray(value) ? value.map(inLowerCase) : value))
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(100)
  @ArrayUnique()
  @IsUUID(undefined, { each: true })
  boxIds?: string[];

  /** RFC 3339, at most five years away. A year when it is left out; null for never, for whoever may open every box to others. */
  @ValidateIf((_key, value) => value !== undefined && value !== null)
  @IsInstant()
  expiresAt?: string | null;
}

export class ApiKeyViewDto {
  id: string;
  name: string;
  scopes: string[];
  /** Null when it is for every box. */
  boxIds: string[] | null;
  /** Id of the principal who made it: a member, another key, or the operator. */
  createdBy: string;
  /** RFC 3339 */
  createdAt: string;
  /** RFC 3339; null when it never expires. */
  expiresAt: string | null;
  /** RFC 3339, to about a minute; null when it was never used. */
  lastUsedAt: string | null;
  status: 'active' | 'expired' | 'revoked';
}

export class CreatedApiKeyView {
  apiKey: ApiKeyViewDto;
  /** The key itself; shown this once. */
  token: string;
}

export class ApiKeyPage {
  data: ApiKeyViewDto[];
  nextCursor: string | null;
}
