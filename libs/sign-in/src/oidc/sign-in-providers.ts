import type { Database } from '#database';
import { IDENTITY_PROVIDERS_MAX, type IdentityProviderRows } from './identity-provider-rows.js';
import type { SignInProviderView } from './identity-provider-view.js';

/** What somebody who is nobody yet may know of a workspace's providers: what to choose from. */
export class SignInProviders {
  constructor(
    private readonly database: Pick<Database, 'read'>,
    private readonly rows: IdentityProviderRows,
  ) {}

  /** None of a workspace that is not there. @param workspaceId lower-case UUID */
  async of(workspaceId: string): Promise<SignInProviderView[]> {
    const rows = await this.database.read({ workspaceId }, (tx) => this.rows.list(tx, workspaceId, IDENTITY_PROVIDERS_MAX));
    return rows.map(({ provider_id: id, name }) => ({ id, name }));
  }
}
