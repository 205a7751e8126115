import { IsIn, IsOptional, IsUUID } from 'class-validator';
import { EVENT_TYPES, type EventType } from '#audit';
import { IsInstant } from '../input/instant.js';
import { PageQuery } from '../input/page.dto.js';
import { PlainText } from '../input/plain-text.js';

export class AuditEventsQuery extends PageQuery {
  @IsOptional()
  @IsIn(EVENT_TYPES)
  type?: EventType;

  @IsOptional()
  @IsUUID()
  boxId?: string;

  @IsOptional()
  @IsUUID()
  vaultId?: string;

  @IsOptional()
  @IsUUID()
  itemId?: string;

  @IsOptional()
  @PlainText(100, { required: false })
  principalId?: string;

  /** The `X-Request-Id` of an answer. */
  @IsOptional()
  @IsUUID()
  requestId?: string;

  /** As it stands in the customer's CloudTrail. */
  @IsOptional()
  @IsUUID()
  kmsRequestId?: string;

  /** RFC 3339, inclusive. */
  @IsOptional()
  @IsInstant()
  from?: string;

  /** RFC 3339, exclusive. */
  @IsOptional()
  @IsInstant()
  to?: string;
}

export class AuditPrincipal {
  kind: string;
  role: string;
  id: string;
  name: string;
}

/** A request to AWS that an act needed. */
export class AuditedCallDto {
  service: string;
  operation: string;
  region: string;
  /** `unknown` when no answer came: AWS may still have done and logged it. */
  outcome: string;
  requestId?: string;
  awsError?: string;
  /** Of the role session that signed; `userIdentity.accessKeyId` in CloudTrail. */
  accessKeyId?: string;
}

export class AuditEventDto {
  id: string;
  /** RFC 3339, by the clock of the database. */
  at: string;
  type: string;
  principal: AuditPrincipal;
  /** Of people and AWS identities: session, e-mail or ARN, account and unique id. */
  caller: Record<string, unknown> | null;
  requestId: string;
  sourceAddress: string;
  boxId: string | null;
  vaultId: string | null;
  itemId: string | null;
  itemVersion: number | null;
  /** Region and KMS request id of the call that decided, also when it was an earlier one; null where no KMS is involved. */
  region: string | null;
  kmsRequestId: string | null;
  calls: AuditedCallDto[];
  details: Record<string, unknown>;
}

export class AuditEventPage {
  data: AuditEventDto[];
  nextCursor: string | null;
}
