import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import { type HttpAnswer } from '../harness/http-request.js';
import type { Node } from '../harness/service.js';
import type { Attempt, AttackWorld, Door } from './attack-world.js';
import { type AttackCase, noToken, refused, refusedAfter, refusedBefore, signedIn } from './outcomes.js';

const OURS: readonly Door[] = ['keyhold'];
const MINUTES = 60_000;
const AT_ONCE = 40;
const OTHER_ADDRESS = '198.51.100.7';

const statuses = (answers: readonly { answer: HttpAnswer }[]): Record<number, number> => {
  const counts: Record<number, number> = {};
  for (const { answer } of answers) counts[answer.status] = (counts[answer.status] ?? 0) + 1;
  return counts;
};

/** Another node, ended when the work is done. */
async function onAnotherNode(world: AttackWorld, env: NodeJS.ProcessEnv, work: (node: Node) => Promise<void>): Promise<void> {
  const node = await world.keyhold.anotherNode(env);
  await work(node);
}

export const REPLAY_CASES: readonly AttackCase[] = [
  {
    number: 58,
    what: 'the same request again',
    doors: OURS,
    async run(world, door) {
      const signed = await world.sign(door);
      signedIn(door, await world.attempt(door, signed));
      refusedBefore(door, await world.attempt(door, signed));
      refusedBefore(door, await world.attempt(door, signed, { sourceAddress: OTHER_ADDRESS }));
    },
  },
  {
    number: 59,
    what: 'the same request 50 times at once',
    doors: OURS,
    async run(world, door) {
      const signed = await world.sign(door);
      const attempts = await Promise.all(Array.from({ length: 50 }, () => world.attempt(door, signed)));
      expect(statuses(attempts)).toEqual({ 200: 1, 401: 49 });
      expect(attempts.filter(({ answer }) => answer.text.includes('khs_'))).toHaveLength(1);
    },
  },
  {
    number: 60,
    what: 'a request of another time',
    async run(world, door) {
      for (const minutes of [-16, 16, -24 * 60]) {
        const at = new Date(Date.now() + minutes * MINUTES);
        refusedBefore(door, await world.attempt(door, await world.sign(door, { at })));
      }
      const yesterday = new Date(Date.now() - 24 * 60 * MINUTES);
      const today = new Date().toISOString().slice(0, 10).replaceAll('-', '');
      refusedBefore(door, await world.attempt(door, await world.sign(door, { at: yesterday, scope: { date: today } })));
    },
  },
  {
    number: 61,
    what: 'the same request on another server',
    async run(world, door) {
      await onAnotherNode(world, {}, async (node) => {
        const signed = await world.sign(door);
        signedIn(door, await world.attempt(door, signed));
        refusedBefore(door, await world.attempt(door, signed, { node, sourceAddress: OTHER_ADDRESS }));
      });
    },
  },
  {
    number: 62,
    what: 'no memory of what was used',
    async run(world, door) {
      const { database } = world.keyhold;
      const signed = await world.sign(door);
      await database.asAdmin('ALTER TABLE aws_proofs RENAME TO aws_proofs_gone');
      const attempt = await world.attempt(door, signed);
      await database.asAdmin('ALTER TABLE aws_proofs_gone RENAME TO aws_proofs');
      noToken(attempt);
      expect(attempt.answer.status).toBeGreaterThanOrEqual(500);
      signedIn(door, await world.attempt(door, signed));
    },
  },
  {
    number: 63,
    what: 'a thousand requests, as fast as they come',
    async run(world, door) {
      const env = { KEYHOLD_TRIES_PER_ADDRESS: '100', KEYHOLD_TRIES_PER_WORKSPACE: '1000' };
      await onAnotherNode(world, env, async (node) => {
        const signer = { accessKeyId: 'AKIAEXAMPLEEXAMPLE12', secretAccessKey: 'unknown' };
        const signed = await world.sign(door, { signer });
        const source = { node, sourceAddress: door === 'keyhold' ? '203.0.113.1' : '203.0.113.2' };
        const hammer = async () => {
          const attempts: Attempt[] = [];
          for (let count = 0; count < 1_000 / AT_ONCE; count += 1) attempts.push(await world.attempt(door, signed, source));
          return attempts;
        };
        const { result, calls } = await world.keyhold.sandbox.control.callsDuring(() =>
          Promise.all(Array.from({ length: AT_ONCE }, hammer)),
        );
        expect(statuses(result.flat())).toEqual({ 401: 100, 429: 900 });
        expect(calls).toHaveLength(100);
        const after = await world.attempt(door, signed, source);
        expect(after).toMatchObject({ calls: [], answer: { status: 429 } });
      });
    },
  },
  {
    number: 64,
    what: 'a record of every refusal, and in none a signature or a token',
    async run(world, door) {
      const signed = await world.sign(door);
      const bad = { ...signed, authorization: signed.authorization.replace(/.$/, (last) => (last === '0' ? '1' : '0')) };
      refusedAfter(door, await world.attempt(door, bad));
      refusedBefore(door, await world.attempt(door, { ...signed, authorization: `${signed.authorization},` }));
      const rows = await world.keyhold.database.asAdmin<{ text: string }>(
        `SELECT e::text AS text FROM audit_events e UNION ALL SELECT s::text FROM sessions s UNION ALL SELECT p::text FROM aws_proofs p`,
      );
      const kept = `${rows.map(({ text }) => text).join('\n')}\n${world.keyhold.log()}`;
      expect(world.secrets.size).toBeGreaterThan(10);
      expect([...world.secrets].filter((secret) => kept.includes(secret))).toEqual([]);
    },
  },
  {
    number: 65,
    what: 'a workspace that is not there, beside one that does not know the caller',
    async run(world, door) {
      const signer = await world.account.session('Nobody', 's-1');
      const to = async (workspaceId: string, at: Date) =>
        world.attempt(door, await world.sign('keyhold', { signer, workspaceId, at }), { workspaceId });
      const [absent, wrong] = [await to(randomUUID(), new Date()), await to(world.stranger.id, new Date())];
      refused(door, wrong);
      const told = ({ answer: { status, body, headers } }: typeof absent) => ({
        status,
        body: { ...body, requestId: '', error_id: '' },
        headers: { ...headers, date: '', 'x-request-id': '', error_uid: '' },
      });
      expect(told(absent)).toEqual(told(wrong));
      expect(absent.calls).toHaveLength(1);
      expect(absent.events).toEqual([]);
    },
  },
];
