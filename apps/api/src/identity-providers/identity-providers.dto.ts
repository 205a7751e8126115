import { ApiProperty } from '@nestjs/swagger';
import { IsBoolean, Matches } from 'class-validator';
import { Optional } from '../input/optional.js';
import { PlainText } from '../input/plain-text.js';

class ProviderSettingsDto {
  /** With what this service proves itself to the provider. Never told again. Clients without one rely on PKCE alone. */
  @Optional()
  @PlainText(1024, { required: false })
  @ApiProperty({ writeOnly: true })
  clientSecret?: string;

  /**
   * The claim whose values put members into the groups of this provider at each sign-in.
   * @example "groups"
   */
  @Optional()
  @PlainText(100, { required: false })
  groupsClaim?: string;

  /**
   * Whether a verified address is enough to sign in as a member who is active already. Whoever controls the provider can then
   * become any member; so only those who may hand out every access can turn this on. Without it the provider lets in invited
   * members with the roles `admin` and `user`, and whom it let in before.
   */
  @Optional()
  @IsBoolean()
  linksActiveMembers?: boolean;
}

export class UpdateIdentityProviderDto extends ProviderSettingsDto {
  /** What people see where they choose how to sign in. */
  @Optional()
  @PlainText(100, { required: false })
  name?: string;

  /** What the provider calls this service. */
  @Optional()
  @PlainText(512, { required: false })
  clientId?: string;
}

/** Not a child of the other: there `name` and `clientId` may be left out, and what a child says would not change that. */
export class CreateIdentityProviderDto extends ProviderSettingsDto {
  /**
   * What people see where they choose how to sign in.
   * @example "Acme login"
   */
  @PlainText(100)
  name: string;

  /**
   * Exactly as the provider's discovery document names it. It cannot be changed: another issuer is another provider.
   * @example "https://login.acme.example"
   */
  @Matches(/^https?:\/\/[\x21-\x7e]{1,2040}$/, { message: 'must be the https URL of the issuer' })
  issuer: string;

  /** What the provider calls this service. */
  @PlainText(512)
  clientId: string;
}

export class IdentityProviderViewDto {
  id: string;
  name: string;
  issuer: string;
  clientId: string;
  hasClientSecret: boolean;
  groupsClaim: string | null;
  linksActiveMembers: boolean;
  /** Where the provider must be told to send people back to. */
  redirectUri: string;
  /** RFC 3339 */
  createdAt: string;
  /** RFC 3339 */
  updatedAt: string;
}

export class IdentityProviderPage {
  data: IdentityProviderViewDto[];
  nextCursor: string | null;
}
