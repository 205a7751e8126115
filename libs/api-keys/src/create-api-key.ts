import { type RequestContext, type RowMacs, handsOutEveryBox, mintApiKey } from '#access';
import type { Queries } from '#audit';
import type { Database } from '#database';
import type { Managers } from '#members';
import { findApiKey } from './api-key-store.js';
import { type ApiKeyView, apiKeyView } from './api-key-view.js';
import type { HandOut, WantedRights } from './hand-out.js';
import { endOfKey } from './life-of-key.js';

export interface ApiKeyRequest extends WantedRights {
  name: string;
  /** Undefined: in a year; null: never. */
  expiresAt: Date | null | undefined;
}

export interface CreatedApiKey {
  apiKey: ApiKeyView;
  /** The key itself. Shown this once; only its digest is kept. */
  token: string;
}

/** Makes a key for a service, which can be and reach nothing that its maker could not. */
export class CreateApiKey {
  constructor(
    private readonly database: Database,
    private readonly macs: RowMacs,
    private readonly managers: Managers,
    private readonly handOut: HandOut,
  ) {}

  run(ctx: RequestContext, { name, scopes, boxIds, expiresAt: wanted }: ApiKeyRequest): Promise<CreatedApiKey> {
    return this.database.act(ctx, async (tx) => {
      const maker = await this.managers.of(tx, ctx, 'api_key:manage');
      await this.handOut.require(tx, ctx, maker, { scopes, boxIds });
      const mayBeForEver = handsOutEveryBox(maker.actions, ctx);
      const expiresAt = endOfKey({ wanted, makerEndsAt: maker.endsAt, mayBeForEver, now: Date.now() });
      const { workspaceId, principal } = ctx;
      const key = mintApiKey(this.macs, { workspaceId, name, scopes, boxIds, expiresAt, createdBy: principal.id });
      await key.insert(tx);
      const apiKey = await viewOf(tx, key.apiKeyId);
      const details = { apiKeyId: apiKey.id, name, scopes, boxIds: apiKey.boxIds, expiresAt: apiKey.expiresAt };
      return { result: { apiKey, token: key.token }, event: { type: 'api_key.created', details } };
    });
  }
}

async function viewOf(tx: Queries, apiKeyId: string): Promise<ApiKeyView> {
  const row = await findApiKey(tx, apiKeyId);
  if (!row) throw new Error('a key is gone in the transaction that made it');
  return apiKeyView(row);
}
