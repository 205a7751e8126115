import { type RequestContext, type RowMacs, SCOPES, mintApiKey } from '#access';
import type { Queries } from '#audit';
import { type Database, DatabaseError, isUniqueViolation } from '#database';
import { insertWorkspace } from './workspace-store.js';

export interface WorkspaceRequest {
  name: string;
  /** Lower case. */
  ownerEmail: string;
}

export interface CreatedWorkspace {
  id: string;
  name: string;
  /** What the customer's trust policy must demand: the workspace id itself. */
  externalId: string;
  defaultVaultId: string;
  defaultBoxId: string;
  /** A key with every scope, to set the workspace up with. Shown this once; only its digest is kept. */
  apiKey: string;
  /** Lets the Owner in. Shown this once. */
  ownerInvitation: { memberId: string; token: string; expiresAt: string };
  createdAt: string;
}

/** What every workspace starts with; inserted in the same commit, in this order. */
export interface FirstThings {
  vault: { vaultId: string; insert(tx: Queries): Promise<void> };
  members: { ownerId: string; invitation: { token: string; expiresAt: Date }; insert(tx: Queries): Promise<void> };
  box: { boxId: string; insert(tx: Queries): Promise<void> };
}

export class CreateWorkspace {
  constructor(
    private readonly database: Database,
    private readonly macs: RowMacs,
    private readonly firstThings: (workspaceId: string, ownerEmail: string) => FirstThings,
  ) {}

  /**
   * `ctx.workspaceId` is the id of the workspace to be. It follows from the idempotency key, so a key whose record has expired
   * names a workspace that is there: `idempotency_key_reused`.
   */
  async run(ctx: RequestContext, request: WorkspaceRequest): Promise<CreatedWorkspace> {
    try {
      return await this.#store(ctx, request, this.firstThings(ctx.workspaceId, request.ownerEmail));
    } catch (error) {
      if (isUniqueViolation(error, 'workspaces_pkey')) throw new DatabaseError('idempotency_key_reused', { cause: error });
      throw error;
    }
  }

  #store(ctx: RequestContext, { name }: WorkspaceRequest, { vault, members, box }: FirstThings): Promise<CreatedWorkspace> {
    const { workspaceId } = ctx;
    const key = mintApiKey(this.macs, { workspaceId, name: 'First key', scopes: SCOPES, createdBy: ctx.principal.id });
    const { token, expiresAt } = members.invitation;
    return this.database.act(ctx, async (tx) => {
      const createdAt = await insertWorkspace(tx, { name, defaultVaultId: vault.vaultId, defaultBoxId: box.boxId });
      for (const part of [vault, members, box, key]) await part.insert(tx);
      return {
        result: {
          id: workspaceId,
          name,
          externalId: workspaceId,
          defaultVaultId: vault.vaultId,
          defaultBoxId: box.boxId,
          apiKey: key.token,
          ownerInvitation: { memberId: members.ownerId, token, expiresAt: expiresAt.toISOString() },
          createdAt: createdAt.toISOString(),
        },
        event: {
          type: 'workspace.created',
          vaultId: vault.vaultId,
          boxId: box.boxId,
          details: { name, ownerId: members.ownerId, apiKeyId: key.apiKeyId },
        },
      };
    });
  }
}
