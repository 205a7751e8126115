import { expect } from '@jest/globals';
import type { Attempt, AttackWorld, Door } from './attack-world.js';

/** One case of the list of attacks. Throws when its outcome is not the expected one. */
export interface AttackCase {
  number: number;
  what: string;
  /** The doors at which it holds; what differs at the other has tests of its own. */
  doors?: readonly Door[];
  run(world: AttackWorld, door: Door): Promise<void>;
}

const REFUSED = {
  type: 'urn:keyhold:problem:sign_in_refused',
  title: 'You are not signed in',
  status: 401,
  detail:
    'What was sent does not let anybody in here. It is the same answer whatever was wrong; the audit trail of the workspace tells more.',
  code: 'sign_in_refused',
};
const UNDECIDED = { status: 503, code: 'sign_in_undecided' };

/** Refused before any call to AWS. */
export function refusedBefore(door: Door, attempt: Attempt): void {
  expect(attempt.calls).toEqual([]);
  refused(door, attempt);
}

/** Refused after the answer of AWS, which was asked once. */
export function refusedAfter(door: Door, attempt: Attempt): void {
  onlyAsked(attempt, 1);
  refused(door, attempt);
}

/** AWS was asked, and said nothing that can be believed: no session, no judgement of the caller. */
export function undecidedAfter(door: Door, attempt: Attempt, callsMax = 1): void {
  expect(attempt.calls.length).toBeGreaterThan(0);
  expect(attempt.calls.length).toBeLessThanOrEqual(callsMax);
  noToken(attempt);
  if (door === 'keyhold') expect(attempt.answer).toMatchObject({ status: 503, body: UNDECIDED });
  else expect(attempt.answer).toMatchObject({ status: 503, body: { errors: [{ code: 99997 }] } });
  recorded(attempt);
}

export function signedIn(door: Door, attempt: Attempt): void {
  expect({ status: attempt.answer.status, body: attempt.answer.body }).toMatchObject({
    status: 200,
    body: door === 'keyhold' ? { token: expect.stringMatching(/^khs_/) } : { client_token: expect.stringMatching(/^khs_/) },
  });
  expect(attempt.events).toMatchObject([{ type: 'sign_in.succeeded' }]);
  withoutSecrets(attempt);
  onlyAsked(attempt, 1);
}

/** The one answer to everybody, one record, no secret in it, no session. */
export function refused(door: Door, attempt: Attempt): void {
  noToken(attempt);
  const { status, body } = attempt.answer;
  if (door === 'keyhold') expect({ status, body }).toEqual({ status: 401, body: { ...REFUSED, requestId: expect.any(String) } });
  else {
    expect([400, 401]).toContain(status);
    expect(body).toEqual({ error_id: expect.any(String), errors: [{ code: expect.any(Number), message: expect.any(String) }] });
  }
  recorded(attempt);
}

function recorded(attempt: Attempt): void {
  expect(attempt.events).toMatchObject([{ type: 'sign_in.refused', details: { method: 'aws', reason: expect.any(String) } }]);
  withoutSecrets(attempt);
}

function withoutSecrets({ events, answer, secrets }: Attempt): void {
  for (const secret of secrets) {
    for (const { text } of events) expect(text).not.toContain(secret);
    expect(answer.text).not.toContain(secret);
  }
}

export function noToken({ answer }: Attempt): void {
  expect(answer.text).not.toContain('khs_');
}

/** Whatever was submitted, STS sees our own request and no other. */
export function onlyAsked({ calls }: Attempt, times: number): void {
  expect(calls).toHaveLength(times);
  for (const call of calls) {
    expect(call).toMatchObject({
      method: 'POST',
      path: '/',
      bodySha256: 'ab821ae955788b0e33ebd34c208442ccfc2d406e2edc5e7a39bd6458fbb4f843',
    });
    expect(call.host).toMatch(/^sts\.[a-z]+(-[a-z]+)+-\d\.amazonaws\.com$/);
    for (const name of call.headerNames) expect(SENT).toContain(name);
  }
}

const SENT = [
  ...['accept', 'accept-encoding', 'authorization', 'connection', 'content-length', 'content-type', 'host', 'user-agent'],
  ...['x-amz-content-sha256', 'x-amz-date', 'x-amz-security-token', 'x-keyhold-audience'],
];
