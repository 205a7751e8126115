import { AccessError, type Action, type RequestContext } from '#access';
import type { Queries } from '#audit';
import type { Managers } from '#members';
import { holdApiKey } from './api-key-store.js';

/** Who makes a key, as it stands now. */
export interface Maker {
  actions: ReadonlySet<Action>;
  /** When a maker that is itself a key ends. */
  expiresAt: Date | undefined;
}

/** Finds out what whoever makes a key may do, and holds it until the key is made. */
export class Makers {
  constructor(private readonly managers: Managers) {}

  /** Throws `forbidden` for those who may make none any more. */
  async of(tx: Queries, ctx: RequestContext): Promise<Maker> {
    const { actions } = await this.managers.of(tx, ctx, 'api_key:manage');
    return { actions, expiresAt: ctx.principal.kind === 'api_key' ? await endOf(tx, ctx.principal.id) : undefined };
  }
}

async function endOf(tx: Queries, apiKeyId: string): Promise<Date | undefined> {
  const own = await holdApiKey(tx, apiKeyId);
  if (own?.status !== 'active') throw new AccessError('forbidden');
  return own.expires_at ?? undefined;
}
