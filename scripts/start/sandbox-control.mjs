/**
 * A new account in the sandbox, and the keys of its root user: what opening an AWS account gives.
 * @param {string} sandboxUrl
 * @returns {Promise<{ accountId: string, accessKeyId: string, secretAccessKey: string }>}
 */
export async function openAccount(sandboxUrl) {
  const response = await fetch(`${sandboxUrl}/_sandbox/accounts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  if (response.status !== 201) throw new Error(`The sandbox opened no account: ${response.status} ${await response.text()}`);
  return /** @type {any} */ (await response.json());
}
