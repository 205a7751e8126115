import { randomUUID } from 'node:crypto';

const ANSWER_MS_MAX = 30_000;

/** An answer that was not the one hoped for, in the API's own words. */
export class ApiRefusal extends Error {
  name = 'ApiRefusal';

  /** @param {string} path @param {number} status @param {any} problem */
  constructor(path, status, problem) {
    const { title = 'Refused', code = status, detail, cause, awsError, remedy } = problem;
    const reason = [cause, awsError].filter(Boolean).join(', ');
    super([`${title} (${code}, ${path})`, detail, reason, remedy, ...failedChecks(problem)].filter(Boolean).join('\n    '));
    this.status = status;
    this.code = problem.code;
  }
}

/** Keyhold's API, as one principal. */
export class KeyholdApi {
  #url;
  #token;

  /** @param {string} url @param {string} token */
  constructor(url, token) {
    this.#url = url;
    this.#token = token;
  }

  /** @param {string} path @returns {Promise<any>} @throws {ApiRefusal} */
  get(path) {
    return this.#ask(path, {});
  }

  /** @param {string} path @param {object} body @returns {Promise<any>} @throws {ApiRefusal} */
  post(path, body) {
    const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
    return this.#ask(path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  /** @param {string} path @param {RequestInit} init */
  async #ask(path, init) {
    const response = await fetch(`${this.#url}${path}`, {
      ...init,
      headers: { ...init.headers, authorization: `Bearer ${this.#token}` },
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
    const answer = await response.json();
    if (!response.ok) throw new ApiRefusal(path, response.status, answer);
    return answer;
  }
}

/** @param {any} problem */
function failedChecks({ checks = [] }) {
  return checks
    .filter((check) => !check.ok)
    .map(({ check, region, cause, awsError, remedy }) => [check, region, cause, awsError, remedy].filter(Boolean).join(', '));
}
