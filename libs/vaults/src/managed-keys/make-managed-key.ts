import { randomUUIDv7 } from 'node:crypto';
import { type RequestContext, besides } from '#access';
import type { AuditEvent, Queries } from '#audit';
import type { Database } from '#database';
import { type KeyCall, type KeyMaker, KeyStrategyError, type VaultKey } from '#key-strategies';
import { VaultError } from '../vault-error.js';
import { type ManagedKeyRow, NOTES, claimCreation, finishCreation } from './managed-key-store.js';

/** Besides making the key: what surrounds it, and some patience. */
const SPARE_SECONDS = 120;

/** A key that was made and whose vault is not stored yet. */
export interface MadeKey {
  key: VaultKey;
  calls: readonly KeyCall[];
  /** In the commit that stores the vault, with its event; throws when somebody else went on with this key meanwhile. */
  finish: (tx: Queries) => Promise<AuditEvent>;
  /** When the vault is not stored: the next request of this name may go on at once. */
  release: () => Promise<void>;
}

/**
 * Has the key of a new vault made. That it is being made stands in the database before AWS is asked, under ids that every later
 * try uses too: so a try that broke off is gone on with, and what nobody comes back to is found and ended.
 */
export class MakeManagedKey {
  constructor(
    private readonly database: Database,
    /** How long the checks of a new key may take. */
    private readonly settleSeconds: number,
  ) {}

  /** Throws `vault_being_created`, or what the maker threw. */
  async run(ctx: RequestContext, name: string, strategy: VaultKey['strategy'], maker: KeyMaker): Promise<MadeKey> {
    const row = await this.#claim(ctx, name);
    const { vault_id: vaultId, vault_key_id: vaultKeyId } = row;
    const keyName = { workspaceId: ctx.workspaceId, vaultId, vaultKeyId };
    const calls: KeyCall[] = [];
    const release = async (): Promise<void> => {
      await this.database.note(ctx, NOTES.release, [vaultKeyId, row.fence]);
    };
    try {
      const config = await maker.make(keyName, row.tries === 1, calls);
      return { key: { ...keyName, strategy, config }, calls, release, finish: (tx) => finish(tx, row, calls) };
    } catch (error) {
      await this.#recordFailure(ctx, row, error, calls);
      await release();
      throw error;
    }
  }

  #claim(ctx: RequestContext, name: string): Promise<ManagedKeyRow> {
    const ids = { vaultId: randomUUIDv7(), vaultKeyId: randomUUIDv7() };
    return this.database.act(besides(ctx), async (tx) => {
      const row = await claimCreation(tx, { ...ids, name, seconds: this.settleSeconds + SPARE_SECONDS });
      if (!row) throw new VaultError('vault_being_created');
      return { result: row, event: { type: 'vault.key.creation_started', vaultId: row.vault_id, details: { name, try: row.tries } } };
    });
  }

  async #recordFailure(ctx: RequestContext, row: ManagedKeyRow, error: unknown, calls: readonly KeyCall[]): Promise<void> {
    if (!(error instanceof KeyStrategyError)) return;
    const { cause, region, awsError, awsRequestId } = error.facts;
    const details = { cause, region, awsError, awsRequestId };
    const event = { type: 'vault.key.creation_failed', vaultId: row.vault_id, calls, details } as const;
    await this.database.act(besides(ctx), () => ({ result: null, event }));
  }
}

async function finish(tx: Queries, row: ManagedKeyRow, calls: readonly KeyCall[]): Promise<AuditEvent> {
  if (!(await finishCreation(tx, row))) throw new VaultError('vault_being_created');
  return { type: 'vault.key.created', vaultId: row.vault_id, calls };
}
