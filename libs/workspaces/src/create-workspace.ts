import { type NewToken, type RequestContext, type TokenMacs, mintToken } from '#access';
import type { Queries } from '#audit';
import { type Database, DatabaseError, isUniqueViolation } from '#database';
import { insertWorkspace } from './workspace-store.js';

export interface CreatedWorkspace {
  id: string;
  name: string;
  /** What the customer's trust policy must demand: the workspace id itself. */
  externalId: string;
  defaultVaultId: string;
  /** Shown this once; only its digest is kept. */
  ownerToken: string;
  createdAt: string;
}

/** The vault that every workspace starts with; inserted in the same commit. */
export interface FirstVault {
  vaultId: string;
  insert(tx: Queries): Promise<void>;
}

export class CreateWorkspace {
  constructor(
    private readonly database: Database,
    private readonly tokenMacs: TokenMacs,
    private readonly firstVault: (workspaceId: string) => FirstVault,
  ) {}

  /**
   * `ctx.workspaceId` is the id of the workspace to be. It follows from the idempotency key, so a key whose record has expired
   * names a workspace that is there: `idempotency_key_reused`.
   */
  async run(ctx: RequestContext, { name }: { name: string }): Promise<CreatedWorkspace> {
    const { workspaceId } = ctx;
    const vault = this.firstVault(workspaceId);
    const owner = mintToken(this.tokenMacs, { workspaceId, role: 'owner', name: 'Owner' });
    try {
      return await this.#store(ctx, name, vault, owner);
    } catch (error) {
      if (isUniqueViolation(error, 'workspaces_pkey')) throw new DatabaseError('idempotency_key_reused', { cause: error });
      throw error;
    }
  }

  #store(ctx: RequestContext, name: string, vault: FirstVault, owner: NewToken): Promise<CreatedWorkspace> {
    const { workspaceId } = ctx;
    return this.database.act(ctx, async (tx) => {
      const createdAt = await insertWorkspace(tx, { name, defaultVaultId: vault.vaultId });
      await vault.insert(tx);
      await owner.insert(tx);
      return {
        result: {
          id: workspaceId,
          name,
          externalId: workspaceId,
          defaultVaultId: vault.vaultId,
          ownerToken: owner.token,
          createdAt: createdAt.toISOString(),
        },
        event: { type: 'workspace.created', vaultId: vault.vaultId, details: { name, ownerTokenId: owner.tokenId } },
      };
    });
  }
}
