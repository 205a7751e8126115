import { DecryptCommand } from '@aws-sdk/client-kms';
import { EnvelopeError, type KeyBytes, RootKey, decodeWrapPlaintext, openItem } from '#envelope';
import { mapAtMost } from '../../../libs/items/src/map-at-most.js';
import { type Customer, REGIONS } from '../../harness/customer.js';
import type { CrashingPostgres } from './crashing-postgres.js';
import { type Model, sha256 } from './seeded-vault.js';

interface VersionRow {
  workspace_id: string;
  item_id: string;
  version: number;
  vault_id: string;
  data_key_id: string;
  salt: Buffer;
  iv: Buffer;
  ciphertext: Buffer;
  tag: Buffer;
  commitment: Buffer;
}

interface DataKeyRow {
  workspace_id: string;
  vault_id: string;
  data_key_id: string;
  vault_key_id: string;
  wrapped: Buffer;
  mac: Buffer;
  /** Of the customer's key, from the configuration of the vault key. */
  key_id: string;
}

export interface Findings {
  /** Versions that are missing, or do not open. */
  lost: string[];
  /** More versions, or items, than there were; more than one current version. */
  doubled: string[];
  /** Versions that open to something else, or stand elsewhere than their item. */
  wrong: string[];
  /** Data keys that do not stand under the key that their vault has. */
  underOldKeys: string[];
}

/** Opens everything with the customers' own keys, and compares it with what was sealed: nothing of what moves things is used here. */
export async function checkVaults(
  { ask }: CrashingPostgres,
  rootKeyBytes: Buffer,
  vaultIds: readonly string[],
  customers: readonly Customer[],
  model: Model,
): Promise<Findings> {
  const versions = await ask<VersionRow & { item_vault: string; current_version: number }>(
    `SELECT s.*, i.vault_id AS item_vault, i.current_version FROM item_versions s JOIN items i USING (workspace_id, item_id)
      WHERE i.vault_id = ANY ($1) ORDER BY s.item_id, s.version`,
    [vaultIds],
  );
  const keys = await ask<DataKeyRow & { active: string }>(
    `SELECT d.*, k.config::jsonb->>'keyId' AS key_id, v.active_vault_key_id AS active FROM data_keys d
      JOIN vault_keys k USING (workspace_id, vault_id, vault_key_id) JOIN vaults v USING (workspace_id, vault_id) WHERE d.vault_id = ANY ($1)`,
    [vaultIds],
  );
  const items = await ask<{ item_id: string }>('SELECT item_id FROM items WHERE vault_id = ANY ($1)', [vaultIds]);
  const used = new Set(versions.map(({ data_key_id }) => data_key_id));
  const opened = await openKeys(
    RootKey.fromBytes(rootKeyBytes),
    keys.filter(({ data_key_id }) => used.has(data_key_id)),
    customers,
  );
  const byItem = Map.groupBy(versions, ({ item_id }) => item_id);
  const findings: Findings = { lost: [], doubled: [], wrong: [], underOldKeys: [] };
  for (const [itemId, hashes] of model) {
    const found = byItem.get(itemId) ?? [];
    if (found.length > hashes.length || found.some(({ version }, at) => version !== at + 1)) findings.doubled.push(itemId);
    hashes.forEach((expected, at) => {
      const row = found.find(({ version }) => version === at + 1);
      const hash = row && hashOf(row, opened.get(row.data_key_id));
      if (hash === undefined) findings.lost.push(`${itemId}/${at + 1}`);
      else if (hash !== expected) findings.wrong.push(`${itemId}/${at + 1}`);
    });
    if (found.some((row) => row.item_vault !== row.vault_id || row.current_version !== hashes.length)) findings.wrong.push(itemId);
  }
  findings.doubled.push(...items.map(({ item_id }) => item_id).filter((id) => !model.has(id)));
  findings.underOldKeys.push(...keys.filter(({ vault_key_id, active }) => vault_key_id !== active).map(({ data_key_id }) => data_key_id));
  return findings;
}

async function openKeys(rootKey: RootKey, rows: readonly DataKeyRow[], customers: readonly Customer[]): Promise<Map<string, KeyBytes>> {
  const opened = new Map<string, KeyBytes>();
  await mapAtMost(16, rows, async (row) => {
    const context = { workspaceId: row.workspace_id, vaultId: row.vault_id, dataKeyId: row.data_key_id, vaultKeyId: row.vault_key_id };
    rootKey.verifyDataKeyMac(context, row.wrapped, row.mac);
    const customer = customers.find(({ keyId }) => keyId === row.key_id);
    if (!customer) throw new Error(`a data key under nobody's key: ${row.key_id}`);
    const answer = await customer
      .kms(REGIONS.main)
      .send(new DecryptCommand({ KeyId: customer.keyId, CiphertextBlob: row.wrapped, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' }));
    opened.set(row.data_key_id, decodeWrapPlaintext(context, answer.Plaintext ?? new Uint8Array()));
  });
  return opened;
}

/** Undefined when it does not open. */
function hashOf(row: VersionRow, key: KeyBytes | undefined): string | undefined {
  if (!key) return undefined;
  const binding = {
    workspaceId: row.workspace_id,
    vaultId: row.vault_id,
    itemId: row.item_id,
    version: row.version,
    dataKeyId: row.data_key_id,
  };
  try {
    return sha256(openItem(row, key, binding));
  } catch (error) {
    if (error instanceof EnvelopeError) return undefined;
    throw error;
  }
}
