import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsString, IsUUID, Length, ValidateNested } from 'class-validator';
import { TOKEN_CHARS_MAX, TOKEN_CONTEXT_CHARS_MAX } from '#envelope';
import { Optional } from '../input/optional.js';
import { IsPayload } from '../input/payload.js';
import { PlainText } from '../input/plain-text.js';
import { Problem } from '../http/problem.dto.js';

export const BATCH_ENTRIES_MAX = 1_000;

export class DataToSealDto {
  /**
   * The caller's own name for what this is. It is bound into what is sealed and must be given again to unseal; it stands in the
   * audit trail.
   * @example "customers/4711/iban"
   */
  @PlainText(TOKEN_CONTEXT_CHARS_MAX)
  context: string;

  @IsPayload()
  payload: Record<string, unknown>;
}

/** One thing to seal (`context`, `payload`), or `entries`. */
export class SealDto {
  /** The workspace's default vault when absent. */
  @Optional()
  @IsUUID()
  vaultId?: string;

  /**
   * With `payload`: one thing to seal.
   * @example "customers/4711/iban"
   */
  @Optional()
  @PlainText(TOKEN_CONTEXT_CHARS_MAX, { required: false })
  context?: string;

  @Optional()
  @IsPayload({ required: false })
  payload?: Record<string, unknown>;

  /** Instead of `context` and `payload`: up to 1,000 things to seal. */
  @Optional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(BATCH_ENTRIES_MAX)
  @ValidateNested({ each: true })
  @Type(() => DataToSealDto)
  entries?: DataToSealDto[];
}

export class DataToUnsealDto {
  /** As it was given when this was sealed. */
  @PlainText(TOKEN_CONTEXT_CHARS_MAX)
  context: string;

  /** The compact JWE. */
  @IsString()
  @Length(1, TOKEN_CHARS_MAX)
  sealed: string;
}

/** One thing to unseal (`context`, `sealed`), or `entries`. */
export class UnsealDto {
  /** With `sealed`: one thing to unseal. */
  @Optional()
  @PlainText(TOKEN_CONTEXT_CHARS_MAX, { required: false })
  context?: string;

  @Optional()
  @IsString()
  @Length(1, TOKEN_CHARS_MAX)
  sealed?: string;

  /** Instead of `context` and `sealed`: up to 1,000 things to unseal. */
  @Optional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(BATCH_ENTRIES_MAX)
  @ValidateNested({ each: true })
  @Type(() => DataToUnsealDto)
  entries?: DataToUnsealDto[];
}

/** The outcome of one entry, in the order of the request. */
export class SealedEntry {
  ok: boolean;
  /** Compact JWE; the caller keeps it. */
  sealed?: string;
  /** Why there is none. */
  error?: Problem;
}

export class SealedView {
  vaultId: string;
  /** Compact JWE, of a single thing. */
  sealed?: string;
  /** Of `entries`. */
  results?: SealedEntry[];
}

/** The outcome of one entry, in the order of the request. */
export class UnsealedEntry {
  ok: boolean;
  payload?: Record<string, unknown>;
  /** Why there is none. */
  error?: Problem;
}

export class UnsealedView {
  /** Of a single thing. */
  payload?: Record<string, unknown>;
  /** Of `entries`. */
  results?: UnsealedEntry[];
}
