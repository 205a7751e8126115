import { IsString, Length, Matches } from 'class-validator';
import { Optional } from './optional.js';

/** What somebody says to show who they are: the password, and one of the codes. */
export class IdentityDto {
  /** @example "violet kettle under the pier" */
  @IsString()
  @Length(1, 256)
  password: string;

  /**
   * Of the authenticator; each counts once.
   * @example "287082"
   */
  @Optional()
  @Matches(/^[0-9]{6}$/, { message: 'must be 6 digits' })
  totpCode?: string;

  /**
   * In place of the authenticator's; each counts once.
   * @example "7h2k-9q4m-x0vd-3b8t"
   */
  @Optional()
  @IsString()
  @Length(1, 64)
  recoveryCode?: string;
}
