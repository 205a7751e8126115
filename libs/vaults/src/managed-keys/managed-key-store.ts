import type { Queries, Statement } from '#audit';
import type { VaultSettings } from '../vault-store.js';

/**
 * - `creating`: asked for, and its vault is not stored yet.
 * - `tidying`: its vault is stored, and a try that broke off may have left another key.
 * - `ending`: its vault is deleted.
 * - `ended`: AWS will delete it; until `ends_at` that can be undone.
 */
export type ManagedKeyState = 'creating' | 'tidying' | 'ending' | 'ended';

export interface ManagedKeyRow {
  vault_key_id: string;
  vault_id: string;
  state: ManagedKeyState;
  tries: number;
  /** Goes up with everyone who takes the row: who is no longer the last one changes nothing. As text, being a bigint. */
  fence: string;
}

export interface EndingKey {
  vaultId: string;
  vaultKeyId: string;
  name: string;
  /** What the vault is restored with; null for a key that it no longer sealed under, with which it cannot be. */
  settings: Required<VaultSettings> | null;
  config: string;
  mac: Buffer;
  days: number;
}

export interface EndingKeyRow extends Pick<ManagedKeyRow, 'vault_id' | 'vault_key_id' | 'state'> {
  name: string;
  config: string;
  mac: Buffer;
  pending_days: number;
  ends_at: Date | null;
}

export interface DeletedVaultRow extends EndingKeyRow {
  settings: Required<VaultSettings>;
}

/** Nobody comes back to a vault that failed an hour ago. */
const GIVE_UP_SECONDS = 3_600;
/** Until then a request to AWS that got no answer has had its effect, or never will. */
const TIDY_AFTER_SECONDS = 900;
/** Of one act of `SettleManagedKeys`, and the pause after one that failed. */
const SETTLE_LEASE_SECONDS = 300;
const RETRY_SECONDS = 600;

const CLAIM_CREATION: Statement = {
  name: 'managed-key-claim-creation',
  text: `INSERT INTO managed_keys AS k (workspace_id, vault_key_id, vault_id, state, name, claimed_until, due_at)
    VALUES ($1, $2, $3, 'creating', $4, now() + make_interval(secs => $5), now() + make_interval(secs => ${GIVE_UP_SECONDS}))
    ON CONFLICT (workspace_id, lower(name)) WHERE state = 'creating'
    DO UPDATE SET tries = k.tries + 1, fence = k.fence + 1, claimed_until = excluded.claimed_until, due_at = excluded.due_at
      WHERE k.claimed_until < now()
    RETURNING vault_key_id, vault_id, state, tries, fence`,
};

const RELEASE: Statement = {
  name: 'managed-key-release',
  text: `UPDATE managed_keys SET claimed_until = now() WHERE workspace_id = $1 AND vault_key_id = $2 AND fence = $3`,
};

const FORGET: Statement = {
  name: 'managed-key-forget',
  text: `DELETE FROM managed_keys WHERE workspace_id = $1 AND vault_key_id = $2 AND fence = $3 RETURNING 1`,
};

const TIDY_LATER: Statement = {
  name: 'managed-key-tidy-later',
  text: `UPDATE managed_keys SET state = 'tidying', claimed_until = now(), due_at = now() + make_interval(secs => ${TIDY_AFTER_SECONDS})
    WHERE workspace_id = $1 AND vault_key_id = $2 AND fence = $3 RETURNING 1`,
};

const END: Statement = {
  name: 'managed-key-end',
  text: `INSERT INTO managed_keys AS k (workspace_id, vault_key_id, vault_id, state, name, claimed_until, due_at, settings, config, mac, pending_days)
    VALUES ($1, $2, $3, 'ending', $4, now(), now(), $5, $6, $7, $8)
    ON CONFLICT (workspace_id, vault_key_id) DO UPDATE SET state = 'ending', fence = k.fence + 1, name = excluded.name,
      claimed_until = now(), due_at = now(), settings = excluded.settings, config = excluded.config, mac = excluded.mac,
      pending_days = excluded.pending_days`,
};

const ENDED: Statement = {
  name: 'managed-key-ended',
  text: `UPDATE managed_keys SET state = 'ended', ends_at = $4::timestamptz, claimed_until = now(), due_at = $4::timestamptz + interval '1 day'
    WHERE workspace_id = $1 AND vault_key_id = $2 AND fence = $3 RETURNING 1`,
};

const END_AGAIN: Statement = {
  name: 'managed-key-end-again',
  text: `UPDATE managed_keys SET state = 'ending', ends_at = NULL, claimed_until = now(), due_at = now()
    WHERE workspace_id = $1 AND vault_key_id = $2 AND fence = $3`,
};

const TAKE_DUE: Statement = {
  name: 'managed-key-take-due',
  text: `UPDATE managed_keys SET fence = fence + 1, claimed_until = now() + make_interval(secs => ${SETTLE_LEASE_SECONDS}),
      due_at = now() + make_interval(secs => ${RETRY_SECONDS})
    WHERE workspace_id = $1 AND vault_key_id = (
      SELECT vault_key_id FROM managed_keys
      WHERE workspace_id = $1 AND due_at <= now() AND claimed_until <= now() AND ($2::uuid IS NULL OR vault_key_id = $2)
      ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING vault_key_id, vault_id, state, tries, fence`,
};

const IN_USE: Statement = {
  name: 'managed-key-in-use',
  text: `SELECT vault_key_id, config, mac FROM vault_keys WHERE workspace_id = $1 AND vault_id = $2 AND strategy = 'managed'`,
};

const ENDING = `SELECT vault_id, vault_key_id, state, name, settings, config, mac, pending_days, ends_at
  FROM managed_keys WHERE workspace_id = $1 AND state IN ('ending', 'ended')`;

const FIND_ENDING: Statement = { name: 'managed-key-find-ending', text: `${ENDING} AND vault_key_id = $2` };

const FIND_DELETED: Statement = { name: 'managed-key-find-deleted', text: `${ENDING} AND vault_id = $2 AND settings IS NOT NULL` };

const LIST_DELETED: Statement = {
  name: 'managed-key-list-deleted',
  text: `${ENDING} AND settings IS NOT NULL AND ($2::uuid IS NULL OR vault_key_id < $2) ORDER BY vault_key_id DESC LIMIT $3`,
};

const TAKE_BACK: Statement = {
  name: 'managed-key-take-back',
  text: `DELETE FROM managed_keys WHERE workspace_id = $1 AND vault_key_id = $2 AND state = 'ended' RETURNING 1`,
};

/** The one who may make the key; undefined while somebody else does. A try that broke off is gone on with under its ids. */
export async function claimCreation(
  tx: Queries,
  { vaultKeyId, vaultId, name, seconds }: { vaultKeyId: string; vaultId: string; name: string; seconds: number },
): Promise<ManagedKeyRow | undefined> {
  return (await tx.query<ManagedKeyRow>(CLAIM_CREATION, [vaultKeyId, vaultId, name, seconds]))[0];
}

/** In the commit that stores the vault. Answers whether the claim still held. */
export async function finishCreation(tx: Queries, { vault_key_id, tries, fence }: ManagedKeyRow): Promise<boolean> {
  return (await tx.query(tries === 1 ? FORGET : TIDY_LATER, [vault_key_id, fence])).length === 1;
}

export async function forget(tx: Queries, { vault_key_id, fence }: ManagedKeyRow): Promise<boolean> {
  return (await tx.query(FORGET, [vault_key_id, fence])).length === 1;
}

/** The key is to end: in the commit that deletes its row in `vault_keys`. */
export async function insertEnding(tx: Queries, key: EndingKey): Promise<void> {
  const { vaultKeyId, vaultId, name, settings, config, mac, days } = key;
  await tx.query(END, [vaultKeyId, vaultId, name, settings, config, mac, days]);
}

export async function markEnded(tx: Queries, { vault_key_id, fence }: ManagedKeyRow, endsAt: Date): Promise<boolean> {
  return (await tx.query(ENDED, [vault_key_id, fence, endsAt])).length === 1;
}

/** Keys of the vault itself; none once it is deleted. */
export function findInUse(tx: Queries, { vault_id }: ManagedKeyRow): Promise<StoredKey[]> {
  return tx.query<StoredKey>(IN_USE, [vault_id]);
}

export interface StoredKey {
  vault_key_id: string;
  config: string;
  mac: Buffer;
}

export async function findEndingKey(tx: Queries, vaultKeyId: string): Promise<EndingKeyRow | undefined> {
  return (await tx.query<EndingKeyRow>(FIND_ENDING, [vaultKeyId]))[0];
}

export async function findDeletedVault(tx: Queries, vaultId: string): Promise<DeletedVaultRow | undefined> {
  return (await tx.query<DeletedVaultRow>(FIND_DELETED, [vaultId]))[0];
}

/** By the age of their keys, newest first. */
export function listDeletedVaults(tx: Queries, limit: number, before?: string): Promise<DeletedVaultRow[]> {
  return tx.query<DeletedVaultRow>(LIST_DELETED, [before, limit]);
}

/** In the commit that restores the vault. Answers whether it was there to be taken back. */
export async function takeBack(tx: Queries, vaultKeyId: string): Promise<boolean> {
  return (await tx.query(TAKE_BACK, [vaultKeyId])).length === 1;
}

/** Statements that decide nothing: who works on a row, and when the next one may. */
export const NOTES = { release: RELEASE, takeDue: TAKE_DUE, forget: FORGET, endAgain: END_AGAIN } as const;
