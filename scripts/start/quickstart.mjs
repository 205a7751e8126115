const FILE = 'quickstart.json';
const AUTHORIZATION = 'authorization';

/**
 * What later commands need to know of the demonstration, in `quickstart.json` of the data folder. Written after each
 * step, so a run that was cut short is completed by the next one.
 *
 * @typedef {object} QuickstartFacts
 * @property {string} url of the API
 * @property {string} sandboxUrl
 * @property {string} workspaceId
 * @property {string} apiKey
 * @property {{ accountId: string, keyId: string, roleArn: string }} customer
 * @property {string} vaultId
 * @property {string} itemId
 */
export class Quickstart {
  #folder;
  /** @type {Partial<QuickstartFacts>} */
  facts;

  /** @param {import('./data-folder.mjs').DataFolder} folder */
  constructor(folder) {
    this.#folder = folder;
    this.facts = folder.readJson(FILE) ?? {};
  }

  /** @param {Partial<QuickstartFacts>} facts */
  keep(facts) {
    this.facts = { ...this.facts, ...facts };
    this.#folder.writeJson(FILE, this.facts);
    // For `curl -H @file`: a token on the command line could be read by every user of the machine.
    if (facts.apiKey) this.#folder.write(AUTHORIZATION, `Authorization: Bearer ${facts.apiKey}\n`);
  }

  /** The path of the file for `curl -H @path`, as a person would type it. */
  get authorizationFile() {
    return this.#folder.shown(AUTHORIZATION);
  }
}
