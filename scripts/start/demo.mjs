import { isDeepStrictEqual } from 'node:util';
import { putCustomerRole } from './customer-account.mjs';
import { ApiRefusal, KeyholdApi } from './keyhold-api.mjs';

const PAYLOAD = { username: 'ada@example.com', password: 'correct horse battery staple' };
const ITEM = { kind: 'account', name: 'Demo log-in', payload: PAYLOAD };
const UNKNOWN_HERE = new Set([401, 403, 404]);

/**
 * The demonstration: a workspace whose vault is protected by a customer's own AWS key, with one item. Each part is
 * looked for before it is made.
 *
 * @typedef {object} Stage
 * @property {import('./progress.mjs').Progress} progress
 * @property {import('./quickstart.mjs').Quickstart} quickstart
 * @property {string} url of the API
 * @property {string} sandboxUrl
 * @property {string} operatorToken
 * @property {import('./customer-account.mjs').CustomerAccount} customer
 *
 * @param {Stage} stage
 */
export async function showDemo(stage) {
  const { progress, quickstart } = stage;
  const workspace = await progress.step(
    'Demo workspace',
    () => demoWorkspace(stage),
    ({ id }) => `Demo workspace ${id} with an owner`,
  );
  quickstart.keep({ url: stage.url, sandboxUrl: stage.sandboxUrl, workspaceId: workspace.id, apiKey: workspace.apiKey });

  const api = new KeyholdApi(stage.url, workspace.apiKey);
  const path = `/v1/workspaces/${workspace.id}`;
  const vault = await demoVault(stage, api, path);
  quickstart.keep({ customer: customerOf(vault), vaultId: vault.id });

  const item = await progress.step(
    'Sealing an item',
    () => demoItem(stage, api, path, vault.id),
    ({ id, isNew }) => `Item ${id} ${isNew ? 'sealed into' : 'found in'} the vault`,
  );
  quickstart.keep({ itemId: item.id });
  await unsealItem(stage, api, `${path}/items/${item.id}/unseal`);
}

/** @param {Stage} stage @returns {Promise<{ id: string, apiKey: string }>} */
async function demoWorkspace({ quickstart, url, operatorToken }) {
  const { workspaceId, apiKey } = quickstart.facts;
  if (workspaceId && apiKey) {
    const kept = await unlessUnknown(new KeyholdApi(url, apiKey).get(`/v1/workspaces/${workspaceId}/vaults`));
    if (kept) return { id: workspaceId, apiKey };
  }
  const made = await new KeyholdApi(url, operatorToken).post('/v1/workspaces', { name: 'Demo', ownerEmail: 'owner@demo.example' });
  return { id: made.id, apiKey: made.apiKey };
}

/** @param {Stage} stage @param {KeyholdApi} api @param {string} path of the workspace */
async function demoVault({ progress, sandboxUrl, customer }, api, path) {
  const { data: vaults } = await api.get(`${path}/vaults`);
  const kept = vaults.find((vault) => vault.awsKms?.keyId === customer.keyId);
  if (kept) {
    progress.line(`  ✔ Vault "${kept.name}" on the customer's key, last known health: ${kept.keyHealth}`);
    return kept;
  }

  const roleArn = await progress.step(
    'Customer role',
    async () =>
      putCustomerRole(sandboxUrl, customer, await api.get(`${path}/aws-setup?accountId=${customer.accountId}&keyId=${customer.keyId}`)),
    (arn) => `Customer role ${arn} with the policies that Keyhold wrote for it`,
  );
  const { accountId, keyId } = customer;
  const request = { name: `Customer key ${keyId.slice(-8)}`, strategy: 'aws-kms', awsKms: { accountId, keyId, roleArn } };
  const { vault } = await progress.step(
    'Proving the key and creating a vault',
    () => api.post(`${path}/vaults`, request),
    ({ vault: { name }, report: { checks } }) => `Vault "${name}" on the customer's key, proved by ${checks.length} checks`,
  );
  return vault;
}

/** @param {any} vault */
function customerOf({ awsKms: { accountId, keyId, roleArn } }) {
  return { accountId, keyId, roleArn };
}

/** @param {Stage} stage @param {KeyholdApi} api @param {string} path of the workspace @param {string} vaultId */
async function demoItem({ quickstart }, api, path, vaultId) {
  const { itemId } = quickstart.facts;
  const kept = itemId && (await unlessUnknown(api.get(`${path}/items/${itemId}`)));
  if (kept?.vaultId === vaultId) return { id: kept.id, isNew: false };
  const { id } = await api.post(`${path}/items`, { ...ITEM, vaultId });
  return { id, isNew: true };
}

/**
 * A vault that refuses is a fact to show, not a failed start: the customer may have switched the key off.
 * @param {Stage} stage @param {KeyholdApi} api @param {string} path
 */
async function unsealItem({ progress }, api, path) {
  try {
    await progress.step(
      'Unsealing it',
      () => api.post(path, {}),
      ({ payload }) => `Item unsealed${isDeepStrictEqual(payload, PAYLOAD) ? ', the same as was sealed' : ''}`,
    );
  } catch (error) {
    if (!(error instanceof ApiRefusal)) throw error;
    progress.line(`  ✖ Item not unsealed: ${error.message}`);
  }
}

/** @template T @param {Promise<T>} answer */
async function unlessUnknown(answer) {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ApiRefusal && UNKNOWN_HERE.has(error.status)) return undefined;
    throw error;
  }
}
