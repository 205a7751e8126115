import { randomUUIDv7 } from 'node:crypto';
import type { RequestContext } from '#access';
import type { AuditEvent, Queries } from '#audit';
import { type Database, isUniqueViolation } from '#database';
import { type KeyCheck, type KeyMaker, type KeyStrategyCatalog, KeyStrategyError, type ProbeReport } from '#key-strategies';
import { setDefaultVault } from '#workspaces';
import { startProbes } from './health/record-report.js';
import type { MadeKey, MakeManagedKey } from './managed-keys/make-managed-key.js';
import type { KeyRequest, KeySubject, ProveVaultKey, ProvedVaultKey } from './prove-vault-key.js';
import { VaultError } from './vault-error.js';
import type { VaultKeys } from './vault-keys.js';
import { type NewVault, type VaultSettings, completeSettings, findVault, insertVault, isVaultNameTaken } from './vault-store.js';
import type { KeyReportView, VaultView, VaultViews } from './vault-view.js';

export interface VaultRequest extends KeyRequest {
  name: string;
  setAsDefault: boolean;
  settings: VaultSettings;
}

export interface CreatedVault {
  vault: VaultView;
  report: KeyReportView;
}

/** A key to prove, with what it took to make it where it was made. */
interface Candidate extends Pick<MadeKey, 'key' | 'calls'> {
  finish: (tx: Queries) => Promise<AuditEvent | undefined>;
}

/** Stores a vault when its key has passed every check, and nothing usable otherwise. */
export class CreateVault {
  constructor(
    private readonly database: Database,
    private readonly strategies: KeyStrategyCatalog,
    private readonly vaultKeys: VaultKeys,
    private readonly proveKey: ProveVaultKey,
    private readonly views: VaultViews,
    private readonly makeKey: MakeManagedKey,
  ) {}

  async run(ctx: RequestContext, request: VaultRequest): Promise<CreatedVault> {
    if (await this.database.read(ctx, (tx) => isVaultNameTaken(tx, request.name))) return this.#createdBefore(ctx);
    const candidate = await this.proveKey.candidate(ctx, { vaultId: randomUUIDv7(), newName: request.name }, request);
    const { maker } = this.strategies.get(request.strategy);
    if (!maker) return this.#prove(ctx, request, { key: candidate, calls: [], finish: () => Promise.resolve(undefined) });
    const made = await this.#make(ctx, request, maker);
    try {
      return await this.#prove(ctx, request, made);
    } catch (error) {
      await made.release();
      throw error;
    }
  }

  /** What cannot be made is rejected as what does not pass; what could not be asked for may be asked for again. */
  async #make(ctx: RequestContext, request: VaultRequest, maker: KeyMaker): Promise<MadeKey> {
    try {
      return await this.makeKey.run(ctx, request.name, request.strategy, maker);
    } catch (error) {
      if (!(error instanceof KeyStrategyError) || error.code === 'unreachable') throw error;
      const { cause, region, awsError, awsRequestId, remedy } = error.facts;
      const check: KeyCheck = { check: 'key_made', ok: false, cause, ...definedOf({ region, awsError, awsRequestId, remedy }) };
      throw new VaultError('vault_key_rejected', { checks: [check] });
    }
  }

  async #prove(ctx: RequestContext, request: VaultRequest, { key: candidate, calls, finish }: Candidate): Promise<CreatedVault> {
    const subject: KeySubject = { vaultId: candidate.vaultId, newName: request.name };
    const proved = await this.proveKey.prove(ctx, subject, candidate, calls);
    try {
      return await this.database.act(ctx, async (tx) => {
        const made = await finish(tx);
        const { result, event } = await this.#store(tx, ctx, request, proved);
        return { result, event: made ? [made, ...event] : event };
      });
    } catch (error) {
      if (isUniqueViolation(error, 'vaults_name_key')) throw new VaultError('vault_name_taken');
      throw error instanceof KeyNotAvailable ? await this.proveKey.notAvailable(ctx, subject, proved) : error;
    }
  }

  /** The name may have been taken a moment ago by this very request, under the same idempotency key. */
  async #createdBefore(ctx: RequestContext): Promise<CreatedVault> {
    const before = await this.database.replay(ctx);
    if (!before) throw new VaultError('vault_name_taken');
    return before.result as CreatedVault;
  }

  async #store(tx: Queries, ctx: RequestContext, request: VaultRequest, proved: ProvedVaultKey) {
    const { key, report } = proved;
    const { vaultId, vaultKeyId, strategy } = key;
    if (!(await this.proveKey.claim(tx, proved))) throw new KeyNotAvailable();
    const settings = completeSettings(request.settings);
    const vault: NewVault = {
      vaultId,
      vaultKeyId,
      strategy,
      name: request.name,
      keyHealth: report.health,
      settings,
      ...this.vaultKeys.seal(key),
    };
    await insertVault(tx, vault);
    await startProbes(tx, key, report);
    const before = request.setAsDefault ? await setDefaultVault(tx, vaultId) : undefined;
    const row = await findVault(tx, vaultId);
    if (!row) throw new Error('a vault is gone in the transaction that made it');
    const view = this.views.of(ctx.workspaceId, row);
    const created: AuditEvent = { type: 'vault.created', vaultId, calls: report.calls, details: { name: request.name, strategy } };
    const changed: AuditEvent = { type: 'vault.default_changed', vaultId, details: { before: before ?? null, after: vaultId } };
    const event: [AuditEvent, ...AuditEvent[]] = request.setAsDefault ? [created, changed] : [created];
    return { result: { vault: view, report: reportView(report) }, event };
  }
}

/** Inside the transaction only: it ends it. */
class KeyNotAvailable extends Error {}

function definedOf<Fields extends object>(fields: Fields): { [Name in keyof Fields]?: NonNullable<Fields[Name]> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof Fields]?: NonNullable<Fields[Name]>;
  };
}

export function reportView({ ok, health, checks }: ProbeReport): KeyReportView {
  return { ok, health, checks: [...checks] };
}
