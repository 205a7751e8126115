import { IsOptional, IsString, Matches, MaxLength } from 'class-validator';

/** Who asks is nobody yet: what is not as it must be is refused without a word about it. */
export class AwsSignInDto {
  /** Where to sign in. */
  @Matches(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  workspaceId: string;

  /**
   * The Region that the request was signed for.
   * @example "us-east-2"
   */
  @IsString()
  @MaxLength(32)
  region: string;

  /** The `Authorization` header of a signed GetCallerIdentity, with `x-keyhold-audience` among its SignedHeaders. */
  @IsString()
  @MaxLength(1024)
  authorization: string;

  /**
   * Its `X-Amz-Date` header; at most 5 minutes old, and 1 ahead.
   * @example "20260301T120000Z"
   */
  @IsString()
  @MaxLength(16)
  amzDate: string;

  /** Its `X-Amz-Security-Token` header, signed as well; with temporary credentials. */
  @IsOptional()
  @IsString()
  @MaxLength(8192)
  securityToken?: string;
}

export class AwsSessionView {
  /** Bearer token of a session; shown this once. */
  token: string;
  sessionId: string;
  /** RFC 3339; nothing prolongs it. */
  expiresAt: string;
  /** Who AWS says the caller is. */
  arn: string;
  /** @example "111122223333" */
  account: string;
  /** `AROA…` or `AIDA…`: another one when the role or user is made anew under the same name. */
  uniqueId: string;
}
