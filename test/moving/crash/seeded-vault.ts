import { GetPublicKeyCommand } from '@aws-sdk/client-kms';
import { constants, createHash, createPublicKey, publicEncrypt, randomUUID } from 'node:crypto';
import { RowMacs } from '#access';
import { KeyBytes, RootKey, encodeWrapPlaintext, sealItem } from '#envelope';
import type { Customer } from '../../harness/customer.js';
import { REGIONS } from '../../harness/customer.js';
import type { Workspace } from '../../harness/service.js';
import type { CrashingPostgres } from './crashing-postgres.js';

/** What was sealed: SHA-256 of the plaintext of each version, by item. */
export type Model = Map<string, string[]>;

export interface SeedOrder {
  items: number;
  versionsPerDataKey: number;
}

const VERSIONS_OF_EVERY_FIFTH = 3;

/** Puts items into a vault as the service would have, in few statements: with their history, and data keys under the vault's key. */
export async function seedVault(
  { ask }: CrashingPostgres,
  rootKeyBytes: Buffer,
  { id: workspaceId, defaultBoxId: boxId }: Workspace,
  { vaultId, customer }: { vaultId: string; customer: Customer },
  { items, versionsPerDataKey }: SeedOrder,
): Promise<Model> {
  const rootKey = RootKey.fromBytes(rootKeyBytes);
  const macs = new RowMacs(rootKey);
  const { PublicKey } = await customer.kms(REGIONS.main).send(new GetPublicKeyCommand({ KeyId: customer.keyId }));
  const publicKey = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
  const [vault] = await ask<{ key: string }>('SELECT active_vault_key_id AS key FROM vaults WHERE vault_id = $1', [vaultId]);
  const vaultKeyId = vault?.key ?? '';
  const model: Model = new Map();
  const rows = { keys: [] as unknown[][], items: [] as unknown[][], versions: [] as unknown[][] };
  let key = KeyBytes.random();
  let dataKeyId = '';
  for (let at = 0; at < items; at += 1) {
    const itemId = randomUUID();
    const count = at % 5 === 0 ? VERSIONS_OF_EVERY_FIFTH : 1;
    model.set(itemId, []);
    rows.items.push([itemId, count, macs.of('item-place', [workspaceId, itemId, boxId])]);
    for (let version = 1; version <= count; version += 1) {
      if (rows.versions.length % versionsPerDataKey === 0) {
        key = KeyBytes.random();
        dataKeyId = randomUUID();
        const context = { workspaceId, vaultId, dataKeyId, vaultKeyId };
        const padding = { key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };
        const wrapped = publicEncrypt(padding, encodeWrapPlaintext(context, key));
        rows.keys.push([dataKeyId, wrapped, rootKey.macDataKey(context, wrapped)]);
      }
      const plaintext = Buffer.from(JSON.stringify({ secret: randomUUID() }));
      model.get(itemId)?.push(sha256(plaintext));
      const sealed = sealItem(plaintext, key, { workspaceId, vaultId, itemId, version, dataKeyId });
      rows.versions.push([itemId, version, dataKeyId, sealed.salt, sealed.iv, sealed.ciphertext, sealed.tag, sealed.commitment]);
    }
  }
  const column = (table: unknown[][], at: number) => table.map((row) => row[at]);
  await ask(
    `INSERT INTO data_keys (workspace_id, vault_id, data_key_id, vault_key_id, wrapped, mac, given_out)
      SELECT $1, $2, r.id, $3, r.wrapped, r.mac, false FROM unnest($4::uuid[], $5::bytea[], $6::bytea[]) AS r (id, wrapped, mac)`,
    [workspaceId, vaultId, vaultKeyId, ...[0, 1, 2].map((at) => column(rows.keys, at))],
  );
  await ask(
    `INSERT INTO items (workspace_id, item_id, vault_id, kind, name, current_version, box_id, place_mac)
      SELECT $1, r.id, $2, 'secret', 'n', r.version, $3, r.mac FROM unnest($4::uuid[], $5::integer[], $6::bytea[]) AS r (id, version, mac)`,
    [workspaceId, vaultId, boxId, ...[0, 1, 2].map((at) => column(rows.items, at))],
  );
  await ask(
    `INSERT INTO item_versions (workspace_id, item_id, version, vault_id, data_key_id, salt, iv, ciphertext, tag, commitment)
      SELECT $1, r.id, r.version, $2, r.key, r.salt, r.iv, r.ciphertext, r.tag, r.commitment
      FROM unnest($3::uuid[], $4::integer[], $5::uuid[], $6::bytea[], $7::bytea[], $8::bytea[], $9::bytea[], $10::bytea[])
        AS r (id, version, key, salt, iv, ciphertext, tag, commitment)`,
    [workspaceId, vaultId, ...[0, 1, 2, 3, 4, 5, 6, 7].map((at) => column(rows.versions, at))],
  );
  return model;
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
