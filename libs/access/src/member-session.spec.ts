import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Queries, Statement } from '#audit';
import { RootKey } from '#envelope';
import { Authenticator } from './authenticator.js';
import { type MemberFacts, MEMBER_STATUSES, MemberRows, type MemberStatus } from './member-rows.js';
import { RowMacs } from './row-macs.js';
import { CONFIRMED_SECONDS, SESSION_SECONDS, mintSession } from './sessions.js';
import { tokenDigest } from './tokens.js';

const ACME = '0197a000-0000-7000-8000-00000000000a';
const OTHER = '0197a000-0000-7000-8000-00000000000b';
const macs = new RowMacs(RootKey.fromBytes(Buffer.alloc(32, 1)));
const members = new MemberRows(macs);

beforeAll(() => {
  jest.useFakeTimers();
});
afterAll(() => {
  jest.useRealTimers();
});

/** A member with one session, and the rows of both as the database would join them. */
class World {
  row: Record<string, unknown> | undefined;
  token = '';
  readonly openedAt = Date.now();
  confirmedAt = this.openedAt;
  readonly facts: MemberFacts = {
    member_id: randomUUID(),
    email: 'ada@acme.example',
    name: 'Ada',
    role: 'admin',
    status: 'active',
    password_hash: null,
    totp_sealed: null,
    recovery_codes: [],
    invitation_sha256: null,
    invitation_expires_at: null,
    invited_by: null,
  };

  readonly read = <Result>(_ctx: unknown, work: (tx: Queries) => Promise<Result>): Promise<Result> =>
    work({ query: <Row>() => Promise.resolve((this.row ? [{ ...this.row, ...this.#times() }] : []) as Row[]) });

  static async made(): Promise<World> {
    const world = new World();
    const of = { kind: 'member' as const, memberId: world.facts.member_id };
    const session = mintSession(macs, { workspaceId: ACME, of, sourceAddress: '::1', userAgent: undefined });
    await session.insert({
      query: <Row>(_statement: Statement, [session_id, kind, , aws, token_sha256, session_mac]: readonly unknown[] = []) => {
        world.row = { session_id, kind, aws, token_sha256, session_mac };
        return Promise.resolve([{ expires_at: new Date() }] as Row[]);
      },
    });
    world.token = session.token;
    await world.change({});
    return world;
  }

  /** As the service would write it. */
  async change(change: Partial<MemberFacts>): Promise<void> {
    const facts = { ...this.facts, ...change };
    const query = <Row>(_statement: Statement, values: readonly unknown[] = []) => {
      this.row = { ...this.row, ...facts, mac: values.at(-1) };
      return Promise.resolve([this.row] as Row[]);
    };
    await members.update({ query }, ACME, facts);
  }

  authenticator(): Authenticator {
    return new Authenticator(this, macs, members, tokenDigest('kho_none'), { now: () => Date.now() + 1 });
  }

  #times() {
    const age = (since: number) => (Date.now() - since) / 1_000;
    return { seconds_left: SESSION_SECONDS.member - age(this.openedAt), seconds_confirmed: age(this.confirmedAt) };
  }
}

describe('the session of a member', () => {
  test('is that of the member, with what their role may do', async () => {
    const world = await World.made();
    const known = await world.authenticator().authenticate(world.token);
    expect(known).toMatchObject({
      workspaceId: ACME,
      isConfirmed: true,
      principal: { kind: 'member', role: 'admin', id: world.facts.member_id },
    });
    expect(known?.actions.has('member:manage')).toBe(true);
    expect(known?.actions.has('member:reset')).toBe(false);
  });

  test.each(MEMBER_STATUSES.filter((status): status is Exclude<MemberStatus, 'active'> => status !== 'active'))(
    'of one who is %s is none, for a node that knows it 5 seconds later',
    async (status) => {
      const world = await World.made();
      const authenticator = world.authenticator();
      expect(await authenticator.authenticate(world.token)).toBeDefined();
      await world.change({ status });
      jest.advanceTimersByTime(4_999);
      expect(await authenticator.authenticate(world.token)).toBeDefined();
      jest.advanceTimersByTime(2);
      expect(await authenticator.authenticate(world.token)).toBeUndefined();
      expect(await world.authenticator().authenticate(world.token)).toBeUndefined();
    },
  );

  test('loses with their role what the role allowed, 5 seconds later', async () => {
    const world = await World.made();
    const authenticator = world.authenticator();
    await authenticator.authenticate(world.token);
    await world.change({ role: 'user' });
    jest.advanceTimersByTime(5_001);
    expect((await authenticator.authenticate(world.token))?.actions.has('member:manage')).toBe(false);
  });

  test('is looked up again at once when the node is told to forget it', async () => {
    const world = await World.made();
    const authenticator = world.authenticator();
    await authenticator.authenticate(world.token);
    world.row = undefined;
    expect(await authenticator.authenticate(world.token)).toBeDefined();
    authenticator.forget(world.token);
    expect(await authenticator.authenticate(world.token)).toBeUndefined();
  });

  test('ends 8 hours after it was opened, also on a node that looked it up a moment before', async () => {
    const world = await World.made();
    const authenticator = world.authenticator();
    jest.advanceTimersByTime(SESSION_SECONDS.member * 1_000 - 1_000);
    expect(await authenticator.authenticate(world.token)).toBeDefined();
    jest.advanceTimersByTime(1_000);
    expect(await authenticator.authenticate(world.token)).toBeUndefined();
  });

  test('is confirmed for 15 minutes, also on a node that looked it up a moment before, and again once it is confirmed again', async () => {
    const world = await World.made();
    const authenticator = world.authenticator();
    jest.advanceTimersByTime(CONFIRMED_SECONDS * 1_000 - 1_000);
    expect(await authenticator.authenticate(world.token)).toMatchObject({ isConfirmed: true });
    jest.advanceTimersByTime(1_000);
    expect(await authenticator.authenticate(world.token)).toMatchObject({ isConfirmed: false });
    world.confirmedAt = Date.now();
    authenticator.forget(world.token);
    expect(await authenticator.authenticate(world.token)).toMatchObject({ isConfirmed: true });
  });

  test.each<[string, Record<string, unknown>]>([
    ['the member with a higher role', { role: 'owner' }],
    ['the session for another member', { member_id: randomUUID() }],
    ['the session as that of an AWS identity', { kind: 'aws' }],
  ])('is none when somebody else wrote %s', async (_what, change) => {
    const world = await World.made();
    world.row = { ...world.row, ...change };
    expect(await world.authenticator().authenticate(world.token)).toBeUndefined();
  });

  test('is none in another workspace', async () => {
    const world = await World.made();
    const elsewhere = world.token.replace(/^khs_[0-9a-f]{32}/, `khs_${OTHER.replaceAll('-', '')}`);
    world.row = { ...world.row, token_sha256: tokenDigest(elsewhere) };
    expect(await world.authenticator().authenticate(elsewhere)).toBeUndefined();
  });
});
