import { IsBoolean, IsInt, Max, Min } from 'class-validator';
import { ApiProperty } from '@nestjs/swagger';
import { SETUP_FILES, type SetupFileName } from '#aws';
import { Optional } from '../input/optional.js';
import { PlainText } from '../input/plain-text.js';
import { AwsKmsDto } from '../vaults/vaults.dto.js';
import { AwsSetupKey, AwsSetupRegions } from '../workspaces/workspaces.dto.js';

const DAY_HOURS = 24;

export class CreateSetupLinkDto {
  /**
   * For whom it is, as the trail will call them.
   * @example "AWS team of Acme"
   */
  @PlainText(100)
  name: string;

  /** A week when it is left out. */
  @Optional()
  @IsInt()
  @Min(1)
  @Max(30 * DAY_HOURS)
  validForHours?: number;

  /** Whether whoever opens the link is told what the workspace is called. Not when it is left out. */
  @Optional()
  @IsBoolean()
  showsWorkspaceName?: boolean;
}

export class SetupLinkViewDto {
  id: string;
  name: string;
  showsWorkspaceName: boolean;
  /** Id of the principal who made it. */
  createdBy: string;
  /** RFC 3339 */
  createdAt: string;
  /** RFC 3339 */
  expiresAt: string;
  status: 'active' | 'expired' | 'revoked';
  /** How many came through it and were not discarded. */
  proposals: number;
}

export class CreatedSetupLinkView {
  link: SetupLinkViewDto;
  /** The link itself; shown this once. Whoever has it can open it. */
  url: string;
}

export class SetupLinkPage {
  data: SetupLinkViewDto[];
  nextCursor: string | null;
}

export class ProposalViewDto {
  id: string;
  linkId: string;
  /** What the link was called. */
  linkName: string;
  /** RFC 3339 */
  createdAt: string;
  /** Where it was sent from. */
  sourceAddress: string;
  /** What `createVault` takes. Null when the record was changed past the service: it is worth nothing then. */
  @ApiProperty({ type: AwsKmsDto, nullable: true })
  awsKms: AwsKmsDto | null;
}

export class ProposalPage {
  data: ProposalViewDto[];
  nextCursor: string | null;
}

export class SetupFileView {
  @ApiProperty({ enum: Object.keys(SETUP_FILES) })
  name: SetupFileName;
  /** To be saved as. */
  fileName: string;
  mediaType: string;
  text: string;
}

export class OpenedSetupView {
  /** Null when whoever made the link did not want it told. */
  workspaceName: string | null;
  /** RFC 3339; when the link ends. */
  expiresAt: string;
  /** How many more values can be sent. */
  proposalsLeft: number;
  /** The role that the trust policy must name. Not our account's root. */
  principalArn: string;
  /** Which the trust policy must demand. */
  externalId: string;
  regions: AwsSetupRegions;
  /** How the key must be created. */
  key: AwsSetupKey;
  /** Trust policy of the role, ready to paste. */
  trustPolicy: Record<string, unknown>;
  /** Inline policy of the role; `<ACCOUNT_ID>` and `<KEY_ID>` mark what to fill in. */
  permissionPolicy: Record<string, unknown>;
  /** Each way of these makes the same key and the same role; the two CloudFormation templates are one way. */
  files: SetupFileView[];
}

export class ReceivedProposalView {
  id: string;
  /** RFC 3339 */
  createdAt: string;
}
