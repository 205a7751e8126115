import { ApiProperty } from '@nestjs/swagger';

/** Values are texts, whatever they say: clients decode them so. */
export class CerberusMetadata {
  /** The caller's own ARN, as STS told it. */
  username: string;
  /** @example "true" */
  is_iam_principal: string;
  /** @example "false" */
  is_admin: string;
  /** @example "registered-iam-principals" */
  groups: string;
  aws_iam_principal_arn: string;
  iam_principal_arn: string;
}

export class CerberusLogin {
  /** Bearer token of a session; shown this once. */
  client_token: string;
  /** Always empty. */
  @ApiProperty({ type: [String], maxItems: 0 })
  policies: string[];
  metadata: CerberusMetadata;
  /** Seconds. */
  lease_duration: number;
  renewable: boolean;
}

export class CerberusErrorEntry {
  /** @example 99106 */
  code: number;
  message: string;
}

export class CerberusErrors {
  /** The request id, also in the log and the audit trail. */
  error_id: string;
  errors: CerberusErrorEntry[];
}
