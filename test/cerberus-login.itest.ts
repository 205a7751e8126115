import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Attempt, type AttackWorld, anAttackWorld, audienceOf } from './aws-login-attacks/attack-world.js';
import { refusedAfter, refusedBefore, signedIn } from './aws-login-attacks/outcomes.js';
import { grantToArn } from './harness/aws-callers.js';
import type { SigningOrder } from './harness/signed-identity.js';

jest.setTimeout(60_000);

const DOOR = 'cerberus';
const OTHER_ADDRESS = '198.51.100.7';
const MINUTES = 60_000;

let world: AttackWorld;
beforeAll(async () => {
  world = await anAttackWorld();
});
afterAll(() => world.close());

const attempt = async (order: SigningOrder = {}, more: Parameters<AttackWorld['attempt']>[2] = {}): Promise<Attempt> =>
  world.attempt(DOOR, await world.sign(DOOR, order), more);

/** The workspace that lets nobody in without an audience, as it is made. */
const strict = () => world.workspaceOf('keyhold');

describe('where the workspace says that the audience is optional', () => {
  const bound = ({ events }: Attempt) => events[0]?.caller?.['audienceBound'];

  test('case 23: a signature without an audience signs in, and the record says that it was not bound', async () => {
    const signed = await attempt();
    signedIn(DOOR, signed);
    expect(bound(signed)).toBe(false);
  });

  test('case 24: an audience that was not signed counts for nothing', async () => {
    const signed = await attempt({}, { headers: audienceOf(world.workspaceOf(DOOR).id) });
    signedIn(DOOR, signed);
    expect(bound(signed)).toBe(false);
    expect(signed.calls[0]?.headerNames).not.toContain('x-keyhold-audience');
  });

  test('case 25, case 26: an audience that was signed has to be ours', async () => {
    const ours = audienceOf(world.workspaceOf(DOOR).id);
    const signed = await attempt({ headers: ours }, { headers: ours });
    signedIn(DOOR, signed);
    expect(bound(signed)).toBe(true);
    const elsewhere = audienceOf(world.workspaceOf(DOOR).id, 'staging.keyhold.test');
    refusedAfter(DOOR, await attempt({ headers: elsewhere }, { headers: elsewhere }));
  });

  test('case 27: of an audience that was sent twice, the one that counts is neither', async () => {
    const [ours, theirs] = [audienceOf(world.workspaceOf(DOOR).id), audienceOf(world.stranger.id)];
    const values = { 'X-Keyhold-Audience': [...Object.values(ours), ...Object.values(theirs)] };
    signedIn(DOOR, await attempt({ headers: ours }, { headers: values }));
    refusedAfter(DOOR, await attempt({ headers: theirs }, { headers: values }));
  });
});

describe('where the workspace says that the audience is required', () => {
  const there = () => ({ workspaceId: strict().id });

  test('case 23, case 24: a signature without an audience is refused before AWS is asked', async () => {
    refusedBefore(DOOR, await attempt({}, there()));
    refusedBefore(DOOR, await attempt({}, { ...there(), headers: audienceOf(strict().id) }));
  });

  test('a signature with the audience signs in', async () => {
    signedIn(DOOR, await attempt({ headers: audienceOf(strict().id) }, there()));
  });

  test('case 65: it looks like a workspace that is not there', async () => {
    const absent = await attempt({}, { workspaceId: '11111111-1111-4111-8111-111111111111' });
    const required = await attempt({}, there());
    const told = ({ answer: { status, body } }: Attempt) => ({ status, errors: body.errors });
    expect(told(absent)).toEqual(told(required));
    expect(told(required)).toEqual({ status: 401, errors: [{ code: 99106, message: 'Invalid credentials' }] });
  });
});

test('case 39: a session token may have been added after signing', async () => {
  const signer = await world.account.session('App');
  const signed = await world.sign(DOOR, { signer, headers: { 'x-amz-security-token': undefined } });
  signedIn(DOOR, await world.attempt(DOOR, signed));
});

test('case 39: a session token that belongs to another key is refused', async () => {
  const [one, other] = [await world.account.session('App'), await world.account.session('App')];
  const signed = await world.sign(DOOR, { signer: one, headers: { 'x-amz-security-token': undefined } });
  refusedAfter(DOOR, await world.attempt(DOOR, { ...signed, securityToken: other.sessionToken ?? '' }));
});

test('case 50: a role made again under its name is let in where no unique id is pinned', async () => {
  const { account, keyhold } = world;
  await grantToArn(keyhold, world.workspaceOf(DOOR), account.role('Renewed'));
  const as = async () => world.attempt(DOOR, await world.sign(DOOR, { signer: await account.session('Renewed') }));
  const first = await as();
  await account.deleteRole('Renewed');
  const second = await as();
  for (const each of [first, second]) signedIn(DOOR, each);
  const [before, after] = [first, second].map(({ events }) => events[0]?.caller?.['uniqueId']);
  expect(before).not.toBe(after);
});

describe('a signature that comes again', () => {
  test('case 58: from the same address signs in five times, and not a sixth', async () => {
    const signed = await world.sign(DOOR);
    for (let time = 1; time <= 5; time += 1) signedIn(DOOR, await world.attempt(DOOR, signed));
    refusedBefore(DOOR, await world.attempt(DOOR, signed));
  });

  test('case 58, case 61: from another address is refused, on every server', async () => {
    const signed = await world.sign(DOOR);
    signedIn(DOOR, await world.attempt(DOOR, signed));
    refusedBefore(DOOR, await world.attempt(DOOR, signed, { sourceAddress: OTHER_ADDRESS }));
    const node = await world.keyhold.anotherNode();
    refusedBefore(DOOR, await world.attempt(DOOR, signed, { node, sourceAddress: OTHER_ADDRESS }));
    signedIn(DOOR, await world.attempt(DOOR, signed, { node }));
  });

  test('case 59: 50 times at once signs in five times', async () => {
    const signed = await world.sign(DOOR);
    const attempts = await Promise.all(Array.from({ length: 50 }, () => world.attempt(DOOR, signed)));
    expect(attempts.filter(({ answer }) => answer.status === 200)).toHaveLength(5);
    expect(attempts.filter(({ answer }) => answer.status === 401)).toHaveLength(45);
  });

  test('at the other door is refused, whichever it was used at first', async () => {
    const order = { workspaceId: strict().id, headers: audienceOf(strict().id) };
    const here = await world.sign(DOOR, order);
    signedIn(DOOR, await world.attempt(DOOR, here, order));
    refusedBefore('keyhold', await world.attempt('keyhold', here));
    const there = await world.sign('keyhold');
    signedIn('keyhold', await world.attempt('keyhold', there));
    refusedBefore(DOOR, await world.attempt(DOOR, there, { workspaceId: strict().id }));
  });
});

test('case 60: a signature may be as old as AWS takes it, a quarter of an hour, and is remembered as long', async () => {
  const signed = await world.sign(DOOR, { at: new Date(Date.now() - 14 * MINUTES) });
  signedIn(DOOR, await world.attempt(DOOR, signed));
  refusedBefore(DOOR, await world.attempt(DOOR, signed, { sourceAddress: OTHER_ADDRESS }));
  const [{ minutes } = { minutes: 0 }] = await world.keyhold.database.asAdmin<{ minutes: number }>(
    `SELECT extract(epoch FROM min(expires_at) - now())::integer / 60 AS minutes FROM aws_proofs WHERE workspace_id = $1`,
    [world.workspaceOf(DOOR).id],
  );
  expect(minutes).toBeGreaterThan(1);
});
