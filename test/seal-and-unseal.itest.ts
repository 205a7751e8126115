import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { aCustomer } from './harness/customer.js';
import { type Keyhold, type Workspace, startKeyhold } from './harness/service.js';

describe('sealing and unsealing', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let vaultId: string;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await keyhold.aWorkspace('Acme');
    const customer = await aCustomer(keyhold.sandbox, { externalId: acme.id, principalArn: keyhold.platform.principalArn });
    const created = await acme.call('POST', '/vaults', { name: 'Production', strategy: 'aws-kms', awsKms: customer.target });
    expect(created).toMatchObject({ status: 201 });
    vaultId = created.body.vault.id;
  }, 30_000);
  afterAll(() => keyhold.stop());

  test('a payload comes back as it was sealed, and is not answered before', async () => {
    const payload = { username: 'deploy', password: 'correct horse', nested: { list: [1, null, 'ü'] } };
    const created = await acme.call('POST', '/items', { kind: 'account', name: 'Robot', vaultId, payload });
    expect(created).toMatchObject({ status: 201, body: { kind: 'account', name: 'Robot', vaultId, version: 1, category: null } });
    expect(created.text).not.toContain('correct horse');
    const unsealed = await acme.call('POST', `/items/${created.body.id as string}/unseal`);
    expect(unsealed).toMatchObject({ status: 200, body: { id: created.body.id, version: 1 } });
    expect(unsealed.body.payload).toEqual(payload);
  });
});
