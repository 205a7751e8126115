import { IsOptional, IsString, Length } from 'class-validator';
import { OwnPath } from '../input/own-path.js';

export class SignInProvidersQuery {
  /** The workspace's id. */
  @IsString()
  @Length(1, 64)
  workspaceId: string;
}

export class SignInProviderDto {
  id: string;
  name: string;
}

export class SignInProviderList {
  data: SignInProviderDto[];
}

export class ConfirmWithOidcQuery {
  /** One of the workspace's identity providers. */
  @IsString()
  @Length(1, 64)
  providerId: string;

  /** Where to go afterwards, on this host. */
  @IsOptional()
  @OwnPath()
  returnTo?: string;
}

export class BeginOidcQuery extends ConfirmWithOidcQuery {
  @IsString()
  @Length(1, 64)
  workspaceId: string;
}
