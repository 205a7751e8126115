import { KeyholdApi } from '../scripts/start/keyhold-api.mjs';

/**
 * What a process that has just started asks of AWS for its first unseal, from the sandbox's ledger.
 * @param {import('./stage.mjs').Stage} stage
 * @returns {Promise<{ milliseconds: number, kmsCalls: number, stsCalls: number }>} STS calls open the sessions that the process
 *   keeps for its vaults
 */
export async function firstUnseal({ anotherService, sandboxUrl }) {
  const { url, token, requests } = await anotherService();
  const { lastSeq } = await ledger(sandboxUrl, 0);
  const startedAt = performance.now();
  await new KeyholdApi(url, String(token)).post(requests.unseal[0].path, {});
  const milliseconds = performance.now() - startedAt;
  const { calls } = await ledger(sandboxUrl, lastSeq);
  const count = (service) => calls.filter((call) => call.service === service).length;
  return { milliseconds, kmsCalls: count('kms'), stsCalls: count('sts') };
}

/** Calls that the sandbox took after the one numbered `since`. @param {string} sandboxUrl @param {number} since @returns {Promise<any>} */
export async function ledger(sandboxUrl, since) {
  const response = await fetch(`${sandboxUrl}/_sandbox/ledger?since=${since}`);
  if (!response.ok) throw new Error(`the sandbox's ledger: ${response.status} ${await response.text()}`);
  return response.json();
}
