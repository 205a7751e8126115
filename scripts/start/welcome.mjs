/**
 * What to do next: addresses, and three commands to paste.
 * @param {{ quickstart: import('./quickstart.mjs').Quickstart, url: string, sandboxUrl: string,
 *   metricsPorts: { api: number, worker: number }, logsFolder: string }} parts
 */
export function welcome({ quickstart, url, sandboxUrl, metricsPorts, logsFolder }) {
  const { workspaceId, itemId, vaultId } = quickstart.facts;
  const workspace = `${url}/v1/workspaces/${workspaceId}`;
  const curl = `curl -s -H ${quoted(`@${quickstart.authorizationFile}`)}`;
  const post = `${curl} -H 'Content-Type: application/json'`;
  const item = { kind: 'secret', name: 'My first secret', vaultId, payload: { value: 'hello' } };
  return `
Keyhold is ready (${(performance.now() / 1000).toFixed(1)} s).

  API        ${url}
  API docs   ${url}/v1/docs
  Sandbox    ${sandboxUrl}  (the local AWS, for --endpoint-url)
  Metrics    http://127.0.0.1:${metricsPorts.api}/metrics  (API), http://127.0.0.1:${metricsPorts.worker}/metrics  (worker)
  Logs       ${logsFolder}

  List the vaults:
    ${curl} ${workspace}/vaults
  Seal an item under the customer's key:
    ${post} -d ${quoted(JSON.stringify(item))} ${workspace}/items
  Unseal the demo item:
    ${post} -d '{}' ${workspace}/items/${itemId}/unseal

  Ctrl-C stops everything; the data stays.`;
}

/** For a POSIX shell. @param {string} text */
const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
