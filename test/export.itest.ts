import { execFileSync, spawnSync } from 'node:child_process';
import { DecryptCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type FlattenedJWE, flattenedDecrypt } from 'jose';
import { type Customer, REGIONS, aCustomer } from './harness/customer.js';
import { anItem } from './harness/item.js';
import { type Keyhold, type Workspace, startKeyhold } from './harness/service.js';
import { anAwsKmsVault } from './harness/vault.js';

jest.setTimeout(60_000);

interface Exported {
  protected: string;
  encrypted_key: string;
  header: { alg: string; kid: string };
  iv: string;
  ciphertext: string;
  tag: string;
}

const bytes = (text: string): Buffer => Buffer.from(text, 'base64url');

describe('the way out: an exported item', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let customer: Customer;
  let vaultId: string;
  const payload = { username: 'deploy', password: 'correct horse battery staple ü' };

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await keyhold.aWorkspace('Acme');
    ({ vaultId, customer } = await anAwsKmsVault(keyhold, acme));
  });
  afterAll(() => keyhold.stop());

  const exportOf = (id: string, query = '') => acme.call('GET', `/items/${id}/export${query}`);
  const eventTypes = async (requestId: string | null): Promise<string[]> =>
    (await keyhold.database.asAdmin<{ type: string }>('SELECT type FROM audit_events WHERE request_id = $1 ORDER BY at', [requestId])).map(
      ({ type }) => type,
    );

  /** As the customer does it: with rights in their own account, and no service of ours. */
  async function itemKeyOf({ encrypted_key }: Exported, { kms, keyId } = customer, region: string = REGIONS.main): Promise<Uint8Array> {
    const asked = { KeyId: keyId, CiphertextBlob: bytes(encrypted_key), EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' } as const;
    return (await kms(region).send(new DecryptCommand(asked))).Plaintext ?? new Uint8Array();
  }

  /** KMS gave the content key, which is what a direct key is to a JOSE library. */
  async function openWithJose({ protected: header, iv, ciphertext, tag }: Exported, key: Uint8Array): Promise<unknown> {
    const jwe: FlattenedJWE = { protected: header, iv, ciphertext, tag, header: { alg: 'dir' } };
    return JSON.parse(Buffer.from((await flattenedDecrypt(jwe, key)).plaintext).toString());
  }

  test.each([REGIONS.main, REGIONS.replica])("opens with the customer's own key in %s and a JOSE library", async (region) => {
    const { status, body, text } = await exportOf(await anItem(acme, payload, { vaultId }));
    expect(status).toBe(200);
    expect(text).not.toContain('correct horse');
    expect(await openWithJose(body as Exported, await itemKeyOf(body as Exported, customer, region))).toEqual(payload);
  });

  test('opens with plain openssl once KMS gave its key', async () => {
    if (spawnSync('openssl', ['version']).error) {
      console.log('skipped: there is no openssl command on this machine');
      return;
    }
    const { body } = await exportOf(await anItem(acme, payload, { vaultId }));
    const { iv, ciphertext } = body as Exported;
    const key = Buffer.from(await itemKeyOf(body as Exported));
    // the counter mode inside GCM, whose first block of text has counter 2; openssl's command line verifies no tag
    const counter = `${bytes(iv).toString('hex')}00000002`;
    const opened = execFileSync('openssl', ['enc', '-d', '-aes-256-ctr', '-K', key.toString('hex'), '-iv', counter], {
      input: bytes(ciphertext),
      timeout: 10_000,
    });
    expect(JSON.parse(opened.toString())).toEqual(payload);
  });

  test('says what it is, and which key opens it', async () => {
    const id = await anItem(acme, payload, { vaultId });
    const { body } = await exportOf(id);
    expect(body).toMatchObject({ header: { alg: 'RSA-OAEP-256', kid: customer.keyArns.main } });
    expect(Object.keys(body as object).toSorted()).toEqual(['ciphertext', 'encrypted_key', 'header', 'iv', 'protected', 'tag']);
    expect(JSON.parse(bytes((body as Exported).protected).toString())).toEqual({
      enc: 'A256GCM',
      typ: 'keyhold',
      v: 1,
      wid: acme.id,
      vid: vaultId,
      iid: id,
      ver: 1,
      dk: expect.any(String),
    });
  });

  test('is of the version that is asked for, and its key opens no other', async () => {
    const id = await anItem(acme, { version: 1 }, { vaultId });
    await acme.call('PUT', `/items/${id}`, { payload: { version: 2 } });
    const [first, current] = [(await exportOf(id, '?version=1')).body as Exported, (await exportOf(id)).body as Exported];
    expect(await openWithJose(first, await itemKeyOf(first))).toEqual({ version: 1 });
    expect(await openWithJose(current, await itemKeyOf(current))).toEqual({ version: 2 });
    await expect(openWithJose(current, await itemKeyOf(first))).rejects.toThrow('decryption operation failed');
    expect(await exportOf(id, '?version=3')).toMatchObject({ status: 404, body: { code: 'item_version_not_found' } });
    for (const query of ['?version=0', '?version=x', '?version=1.5', '?version=', '?version=1&version=2', '?v=1'])
      expect(await exportOf(id, query)).toMatchObject({ status: 400, body: { code: 'validation_failed' } });
  });

  test('does not open once anything of it was changed', async () => {
    const exported = (await exportOf(await anItem(acme, payload, { vaultId }))).body as Exported;
    const key = await itemKeyOf(exported);
    const flipped = (text: string) => {
      const copy = bytes(text);
      copy.writeUInt8(copy.readUInt8(copy.length - 3) ^ 1, copy.length - 3);
      return copy.toString('base64url');
    };
    for (const part of ['protected', 'iv', 'ciphertext', 'tag'] as const)
      await expect(openWithJose({ ...exported, [part]: flipped(exported[part]) }, key)).rejects.toThrow();
    const changed = { ...exported, encrypted_key: flipped(exported.encrypted_key) };
    await expect(itemKeyOf(changed)).rejects.toThrow(expect.objectContaining({ name: 'InvalidCiphertextException' }));
  });

  test("does not open with another customer's key", async () => {
    const other = await aCustomer(keyhold.sandbox, { externalId: acme.id, principalArn: keyhold.platform.principalArn });
    const { body } = await exportOf(await anItem(acme, payload, { vaultId }));
    await expect(itemKeyOf(body as Exported, other)).rejects.toThrow(expect.objectContaining({ name: 'InvalidCiphertextException' }));
  });

  test('is on record, with the key it is for', async () => {
    const id = await anItem(acme, payload, { vaultId });
    const { headers } = await exportOf(id);
    const { body } = await acme.call('GET', `/audit-events?type=item.exported&itemId=${id}`);
    expect(body.data).toMatchObject([
      { requestId: headers.get('x-request-id'), vaultId, itemId: id, itemVersion: 1, details: { keyId: customer.keyArns.main } },
    ]);
  });

  test('is not to be had from a vault without a public key', async () => {
    const id = await anItem(acme, payload);
    expect(await exportOf(id)).toMatchObject({ status: 409, body: { code: 'export_not_possible' } });
  });

  test('is refused for stored data that is not intact, and that is on record', async () => {
    const id = await anItem(acme, payload, { vaultId });
    await keyhold.database.asAdmin('UPDATE item_versions SET commitment = sha256(commitment) WHERE item_id = $1', [id]);
    const refused = await exportOf(id);
    expect(refused).toMatchObject({ status: 422, body: { code: 'sealed_data_not_intact' } });
    expect(await eventTypes(refused.headers.get('x-request-id'))).toEqual(['item.export_refused']);
  });

  test('is refused when the owner of the key refuses, and that is on record', async () => {
    const cold = await anAwsKmsVault(keyhold, acme, { name: 'Cold', dataKeyCacheSeconds: 0 });
    const id = await anItem(acme, payload, { vaultId: cold.vaultId });
    await cold.customer.disableKey(REGIONS.main);
    const refused = await exportOf(id);
    expect(refused).toMatchObject({ status: 409, body: { code: 'vault_key_refused' } });
    expect(await eventTypes(refused.headers.get('x-request-id'))).toEqual([
      'item.unseal.requested',
      'vault.key.health_changed',
      'item.export_refused',
    ]);
  });
});
