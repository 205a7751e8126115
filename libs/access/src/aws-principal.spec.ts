import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { grantCandidates, parseAwsPrincipal, provenAwsPrincipal, readGrantArn } from './aws-principal.js';

const N = '111122223333';
const M = '999988887777';

/** Whether a grant to this ARN means the caller of that one. */
function matches(caller: string, grant: string): boolean {
  const principal = parseAwsPrincipal(caller);
  return principal !== undefined && readGrantArn(grant) !== undefined && grantCandidates(principal).includes(grant);
}

const session = (role: string, name: string, account = N) => `arn:aws:sts::${account}:assumed-role/${role}/${name}`;
const role = (name: string, account = N) => `arn:aws:iam::${account}:role/${name}`;
const user = (name: string, account = N) => `arn:aws:iam::${account}:user/${name}`;
const federated = (name: string, account = N) => `arn:aws:sts::${account}:federated-user/${name}`;
const root = (account = N) => `arn:aws:iam::${account}:root`;

const ADMIN = 'AWSReservedSSO_Admin_1234';

describe('which grants mean which callers', () => {
  test.each<[string, string, string, boolean]>([
    ['M1: the base role means every session', session('App', 'i-0abc'), role('App'), true],
    ['M2: the exact session', session('App', 'i-0abc'), session('App', 'i-0abc'), true],
    ['M3: another session', session('App', 'i-0abc'), session('App', 'other'), false],
    ['M4: a role with a path, which no session tells', session('App', 'i-0abc'), role('some/path/App'), false],
    ['M5: a role as it is, path included', role('some/path/App'), role('some/path/App'), true],
    ['M6: a session through its account', session('App', 'i-0abc'), root(), true],
    ['M6: a user through its account', user('alice'), root(), true],
    ['M6: a federated user through its account', federated('bob'), root(), true],
    ['M7: a session of another account', session('App', 'i-0abc', M), root(), false],
    ['M7: a user of another account', user('alice', M), root(), false],
    ['M8: the exact user', user('alice'), user('alice'), true],
    ['M9: a user of the same name on another path', user('div/alice'), user('alice'), false],
    ['M10: a user with the name of a role: DENY', user('App'), role('App'), false],
    ['M11: a federated user with the name of a role: DENY', federated('App'), role('App'), false],
    ['M12: the exact federated user', federated('bob'), federated('bob'), true],
    ['M13: the account’s root user', root(), root(), true],
    ['M14: the root user by a grant to a role', root(), role('App'), false],
    ['M14: the root user by a grant to a user', root(), user('alice'), false],
    ['M15: a session of a partition that is not ours', `arn:aws-us-gov:sts::${N}:assumed-role/App/s1`, root(), false],
    ['M16: a user with path and name of a role: DENY', user('div/App'), role('div/App'), false],
    ['M17: a session through its role', session('App', 's1'), role('App'), true],
    ['M17: the same session as itself', session('App', 's1'), session('App', 's1'), true],
    ['M18: a role in other letters', session('app', 's1'), role('App'), false],
    ['M19: the same names in another partition', `arn:aws-cn:sts::${N}:assumed-role/App/s1`, role('App'), false],
    ['M20: a role of AWS by its path', session(ADMIN, 'jo@x'), role(`aws-reserved/sso.amazonaws.com/${ADMIN}`), false],
    ['M20: a role of AWS without its path', session(ADMIN, 'jo@x'), role(ADMIN), true],
    ['M21: one grant of several, the role’s', session('App', 's1'), role('App'), true],
    ['M21: one grant of several, the account’s', session('App', 's1'), root(), true],
    ['M22: an instance profile with the name of a role: DENY', `arn:aws:iam::${N}:instance-profile/App`, role('App'), false],
    ['M23: a user through its account', user('alice'), root(), true],
    ['M23: the same user with the name of a role: DENY', user('alice'), role('alice'), false],
  ])('%s', (_row, caller, grant, expected) => {
    expect(matches(caller, grant)).toBe(expected);
  });
});

describe('kinds', () => {
  const text = (min: number, max: number) => fc.stringMatching(new RegExp(`^[abzABZ019_+=,.@-]{${min},${max}}$`));
  const path = fc.array(text(1, 8), { maxLength: 3 }).map((parts) => parts.map((part) => `${part}/`).join(''));
  const partition = fc.constantFrom('aws', 'aws-cn', 'aws-us-gov');
  const account = fc.stringMatching(/^[0-9]{12}$/);
  const resource = fc.oneof(
    fc.tuple(path, text(1, 64)).map(([at, name]) => ['iam', `role/${at}${name}`] as const),
    fc.tuple(path, text(1, 64)).map(([at, name]) => ['iam', `user/${at}${name}`] as const),
    fc.tuple(text(1, 64), text(2, 64)).map(([name, of]) => ['sts', `assumed-role/${name}/${of}`] as const),
    text(2, 32).map((name) => ['sts', `federated-user/${name}`] as const),
    fc.constant(['iam', 'root'] as const),
  );
  const arn = fc.tuple(partition, account, resource).map(([part, owner, [service, rest]]) => `arn:${part}:${service}::${owner}:${rest}`);

  test('are never converted, but a session into its role, in its own account and partition', () => {
    fc.assert(
      fc.property(arn, (text) => {
        const caller = parseAwsPrincipal(text);
        if (!caller) throw new Error(`no principal: ${text}`);
        for (const candidate of grantCandidates(caller).map(parseAwsPrincipal)) {
          expect(candidate).toMatchObject({ partition: caller.partition, account: caller.account });
          const isItself = candidate?.arn === caller.arn;
          const isItsRole =
            caller.kind === 'role-session' && candidate?.kind === 'role' && candidate.name === caller.name && candidate.path === '/';
          expect(isItself || isItsRole || candidate?.kind === 'root').toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('of two different ARNs never mean each other, unless by role or root', () => {
    fc.assert(
      fc.property(arn, arn, (one, other) => {
        const [caller, grant] = [parseAwsPrincipal(one), parseAwsPrincipal(other)];
        if (!caller || !grant || one === other) return;
        if (grantCandidates(caller).includes(other)) expect(['role', 'root']).toContain(grant.kind);
      }),
      { numRuns: 2_000 },
    );
  });

  test('come back letter by letter from the ARN', () => {
    fc.assert(fc.property(arn, (text) => parseAwsPrincipal(text)?.arn === text));
  });
});

const NOBODY: readonly string[] = [
  '',
  'arn:aws:iam::111122223333:role',
  'arn:aws:iam::111122223333:role/',
  'arn:aws:iam::111122223333:role//App',
  'arn:aws:iam::111122223333:role/app*',
  'arn:aws:iam::111122223333:role/*',
  'arn:aws:iam::*:role/App',
  'arn:aws:iam::111122223333:role/App\n',
  ' arn:aws:iam::111122223333:role/App',
  'arn:aws:iam::111122223333:Role/App',
  'ARN:aws:iam::111122223333:role/App',
  'arn:aws:iam::11112222333:role/App',
  'arn:aws:iam::1111222233333:role/App',
  'arn:aws:iam::١١١١٢٢٢٢٣٣٣٣:role/App',
  'arn:aws:iam:us-east-1:111122223333:role/App',
  'arn:aws:iam:111122223333:role/App',
  'arn:aws:iam::111122223333:role/App:x',
  'arn:aws:sts::111122223333:role/App',
  'arn:aws:iam::111122223333:assumed-role/App/s1',
  'arn:aws:sts::111122223333:assumed-role/App',
  'arn:aws:sts::111122223333:assumed-role/App/',
  'arn:aws:sts::111122223333:assumed-role/App/s1/',
  'arn:aws:sts::111122223333:assumed-role/Admin/role/Other',
  'arn:aws:sts::111122223333:assumed-role/team/App/s1',
  'arn:aws:iam::111122223333:federated-user/bob',
  'arn:aws:sts::111122223333:root',
  'arn:aws:iam::111122223333:root/x',
  'arn:aws:iam::111122223333:group/App',
  'arn:aws:iam::111122223333:instance-profile/App',
  'arn:aws-iso:iam::111122223333:role/App',
  'arn:aws:iam::111122223333:role/Аpp',
  `arn:aws:iam::111122223333:role/${'a'.repeat(65)}`,
  `arn:aws:iam::111122223333:role/${'a/'.repeat(400)}App`,
];

describe('an ARN that AWS would not write', () => {
  test.each(NOBODY)('is nobody, and nothing to grant to: %j', (text) => {
    expect(parseAwsPrincipal(text)).toBeUndefined();
    expect(readGrantArn(text)).toBeUndefined();
  });
});

describe('a grant', () => {
  test('to a role with a path is warned of: no sign-in matches it', () => {
    expect(readGrantArn(role('team/App'))).toEqual({ arn: role('team/App'), warnings: ['role_path'] });
  });

  test('to a session is warned of: its name is mostly chosen by whoever assumes the role', () => {
    expect(readGrantArn(session('App', 's1'))).toEqual({ arn: session('App', 's1'), warnings: ['session_name'] });
  });

  test.each([role('App'), user('div/alice'), federated('bob'), root()])('to %s needs no warning', (arn) => {
    expect(readGrantArn(arn)).toEqual({ arn, warnings: [] });
  });

  test('is for the deployment’s own partition', () => {
    const china = `arn:aws-cn:iam::${N}:role/App`;
    expect(readGrantArn(china)).toBeUndefined();
    expect(readGrantArn(china, 'aws-cn')).toMatchObject({ arn: china });
  });
});

describe('the identity that STS told', () => {
  const AROA = 'AROAEXAMPLEEXAMPLE123';
  const AIDA = 'AIDAEXAMPLEEXAMPLE123';

  test.each([
    [session('App', 's1'), `${AROA}:s1`, AROA],
    [user('div/alice'), AIDA, AIDA],
    [federated('bob'), `${N}:bob`, `${N}:bob`],
    [root(), N, N],
  ])('%s has the unique id before the session', (arn, userId, uniqueId) => {
    expect(provenAwsPrincipal({ arn, account: N, userId })).toMatchObject({ arn, account: N, uniqueId });
  });

  test.each([
    ['of two accounts', session('App', 's1', M), `${AROA}:s1`],
    ['of two sessions', session('App', 's1'), `${AROA}:s2`],
    ['of a session with a user’s id', session('App', 's1'), AIDA],
    ['of a session with a user’s id and its own name', session('App', 's1'), `${AIDA}:s1`],
    ['of a session whose id holds more than one', session('App', 's1'), `${AROA}:x:s1`],
    ['of a user with a role’s id', user('alice'), AROA],
    ['of a user with an id in small letters', user('alice'), AIDA.toLowerCase()],
    ['of another federated user', federated('bob'), `${N}:eve`],
    ['of another account’s root', root(), M],
    ['of a role without a session', role('App'), AROA],
    ['of nobody', 'arn:aws:iam::111122223333:group/App', AROA],
  ])('is nobody when it speaks %s', (_what, arn, userId) => {
    expect(provenAwsPrincipal({ arn, account: N, userId })).toBeUndefined();
  });
});
