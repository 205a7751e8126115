import { IsIn, IsOptional, Matches } from 'class-validator';
import { Email } from '../input/email.js';
import { Optional } from '../input/optional.js';
import { PlainText } from '../input/plain-text.js';

export class CreateWorkspaceDto {
  /**
   * What people call it.
   * @example "Acme"
   */
  @PlainText(200)
  name: string;

  /**
   * Who will be the Owner: exactly one person, who may do everything but read what no box gives them.
   * @example "owner@acme.example"
   */
  @Email()
  ownerEmail: string;
}

export class UpdateWorkspaceDto {
  @Optional()
  @PlainText(200, { required: false })
  name?: string;

  /**
   * Whether AWS identities that sign in as clients of Cerberus must have signed that they mean this workspace. `optional` lets in
   * unmodified clients, whose signatures somebody else could send again within 15 minutes, from the same address.
   */
  @Optional()
  @IsIn(['required', 'optional'])
  awsAudience?: 'required' | 'optional';
}

export class WorkspaceViewDto {
  id: string;
  name: string;
  /** Where items are sealed that name no vault. */
  defaultVaultId: string;
  /** Where items go that name no box. */
  defaultBoxId: string;
  awsAudience: 'required' | 'optional';
  /** RFC 3339 */
  createdAt: string;
}

export class OwnerInvitationView {
  memberId: string;
  /** Opens the account; shown this once. */
  token: string;
  /** RFC 3339 */
  expiresAt: string;
}

export class CreatedWorkspaceView {
  id: string;
  name: string;
  /** What the trust policy of the customer's role must demand: the workspace id itself. Never an input. */
  externalId: string;
  /** The `default` vault that every workspace starts with. */
  defaultVaultId: string;
  /** Where items go that name no box. */
  defaultBoxId: string;
  /** A key with every scope, to set the workspace up with; shown this once. Revoke it when people and keys of their own have taken over. */
  apiKey: string;
  ownerInvitation: OwnerInvitationView;
  /** RFC 3339 */
  createdAt: string;
}

export class AwsSetupQuery {
  /** The customer's account: with `keyId`, the policies carry the real ARNs. */
  @IsOptional()
  @Matches(/^[0-9]{12}$/, { message: 'must be 12 digits' })
  accountId?: string;

  /** The key id, the same in both Regions. */
  @IsOptional()
  @Matches(/^mrk-[0-9a-f]{32}$/, { message: 'must be mrk- and 32 hex digits' })
  keyId?: string;
}

export class AwsSetupRegions {
  /** Where the primary key must be. */
  main: string;
  /** Where its replica must be. */
  replica: string;
}

export class AwsSetupKeyArns {
  main: string;
  replica: string;
}

export class AwsSetupView {
  /** The role of this service, which the trust policy must name. Not our account's root. */
  principalArn: string;
  /** Which the trust policy must demand. */
  externalId: string;
  /** What AWS identities that sign in sign as `X-Keyhold-Audience`. */
  signInAudience: string;
  regions: AwsSetupRegions;
  /** `key` as it must be created: spec, usage, regionality. */
  key: AwsSetupKey;
  keyArns: AwsSetupKeyArns;
  /** Trust policy of the customer's role, ready to paste. */
  trustPolicy: Record<string, unknown>;
  /** Inline policy of the customer's role. With `accountId` and `keyId` given it is ready to paste; without, `<…>` marks what to fill in. */
  permissionPolicy: Record<string, unknown>;
}

export class AwsSetupKey {
  /** @example "RSA_4096" */
  keySpec: string;
  /** @example "ENCRYPT_DECRYPT" */
  keyUsage: string;
  multiRegion: boolean;
}
