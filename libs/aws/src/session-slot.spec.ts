import { describe, expect, test } from '@jest/globals';
import { inspect } from 'node:util';
import type { Trail } from './aws-call.js';
import { AwsError } from './aws-error.js';
import { RoleSession } from './role-session.js';
import { SessionSlot } from './session-slot.js';
import { TestClock } from './testing/test-clock.js';

const LIFE_MS = 900_000;
const REFRESH_MS = 700_000;

/** An STS that answers with sessions s1, s2, … or with what it is told to throw. */
function aSlot() {
  const clock = new TestClock();
  const sts = { asked: 0, failure: undefined as AwsError | undefined, gate: Promise.resolve() as Promise<unknown> };
  const open = async (trail: Trail): Promise<RoleSession> => {
    sts.asked += 1;
    const accessKeyId = `s${sts.asked}`;
    const askedAt = clock.now();
    await sts.gate;
    trail.push({
      service: 'sts',
      operation: 'AssumeRole',
      region: 'us-east-2',
      outcome: sts.failure ? 'failed' : 'ok',
      requestId: `r-${accessKeyId}`,
    });
    if (sts.failure) throw sts.failure;
    return new RoleSession({ accessKeyId, secretAccessKey: 'planted-secret' }, askedAt + LIFE_MS, askedAt + REFRESH_MS);
  };
  const slot = new SessionSlot(open, clock, 30_000);
  const keyOf = async () => (await slot.session([])).accessKeyId;
  return { clock, sts, slot, keyOf };
}

/** Lets everything run that needs no time. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('SessionSlot', () => {
  test('100 callers at once are one AssumeRole', async () => {
    const { sts, keyOf } = aSlot();
    expect(new Set(await Promise.all(Array.from({ length: 100 }, keyOf)))).toEqual(new Set(['s1']));
    expect(sts.asked).toBe(1);
  });

  test('refreshes ahead without keeping anybody waiting', async () => {
    const { clock, sts, keyOf } = aSlot();
    await keyOf();
    clock.advance(REFRESH_MS);
    expect(await keyOf()).toBe('s1');
    await settle();
    expect(await keyOf()).toBe('s2');
    expect(sts.asked).toBe(2);
  });

  test('uses a session to its real end while STS is down', async () => {
    const { clock, sts, keyOf } = aSlot();
    await keyOf();
    sts.failure = new AwsError('could-not-ask');
    clock.advance(LIFE_MS - 1);
    expect(await keyOf()).toBe('s1');
    await settle();
    expect(await keyOf()).toBe('s1');
    clock.advance(1);
    await expect(keyOf()).rejects.toMatchObject({ code: 'could-not-ask' });
  });

  test('does not hammer an STS that is down', async () => {
    const { clock, sts, keyOf } = aSlot();
    await keyOf();
    sts.failure = new AwsError('could-not-ask');
    clock.advance(REFRESH_MS);
    for (let call = 0; call < 50; call += 1) {
      await keyOf();
      await settle();
    }
    expect(sts.asked).toBe(2);
  });

  test('a refused refresh ends the session at once', async () => {
    const { clock, sts, keyOf } = aSlot();
    await keyOf();
    sts.failure = new AwsError('refused');
    clock.advance(REFRESH_MS);
    await keyOf();
    await settle();
    await expect(keyOf()).rejects.toMatchObject({ code: 'refused' });
  });

  test('remembers a refusal for 30 seconds, and a time-out not at all', async () => {
    const { clock, sts, keyOf } = aSlot();
    sts.failure = new AwsError('refused');
    await expect(keyOf()).rejects.toMatchObject({ code: 'refused' });
    await expect(keyOf()).rejects.toMatchObject({ code: 'refused' });
    expect(sts.asked).toBe(1);
    clock.advance(30_000);
    sts.failure = new AwsError('could-not-ask');
    await expect(keyOf()).rejects.toMatchObject({ code: 'could-not-ask' });
    await expect(keyOf()).rejects.toMatchObject({ code: 'could-not-ask' });
    expect(sts.asked).toBe(3);
  });

  test('a fresh session goes past the memory of a refusal, and ends it', async () => {
    const { sts, slot, keyOf } = aSlot();
    sts.failure = new AwsError('refused');
    await expect(keyOf()).rejects.toMatchObject({ code: 'refused' });
    sts.failure = undefined;
    expect((await slot.freshSession([])).accessKeyId).toBe('s2');
    expect(await keyOf()).toBe('s2');
  });

  test('a discarded session is replaced once, however many discard it', async () => {
    const { sts, slot, keyOf } = aSlot();
    const stale = await slot.session([]);
    slot.discard(stale);
    await keyOf();
    slot.discard(stale);
    expect(await keyOf()).toBe('s2');
    expect(sts.asked).toBe(2);
  });

  test('keeps no session that was on its way when everything was dropped', async () => {
    const { sts, slot, keyOf } = aSlot();
    const gate = Promise.withResolvers<undefined>();
    sts.gate = gate.promise;
    const onItsWay = keyOf();
    await settle();
    slot.drop();
    gate.resolve(undefined);
    await onItsWay;
    expect(slot.kept()).toBeUndefined();
    expect(await keyOf()).toBe('s2');
  });

  test('tells each request to exactly one trail, those behind the scenes included', async () => {
    const { clock, slot } = aSlot();
    const trails = Array.from({ length: 5 }, (): Trail => []);
    await Promise.all(trails.slice(0, 3).map((trail) => slot.session(trail)));
    clock.advance(REFRESH_MS);
    await slot.session(trails[3] ?? []);
    await settle();
    await slot.session(trails[4] ?? []);
    expect(trails.flat().map(({ requestId }) => requestId)).toEqual(['r-s1', 'r-s2']);
  });
});

test('a session prints nothing of its credentials', async () => {
  const session = await aSlot().slot.session([]);
  for (const text of [inspect(session, { depth: 9, showHidden: true }), JSON.stringify({ session }), inspect(new Map([[1, session]]))]) {
    expect(text).not.toContain('planted-secret');
  }
});
