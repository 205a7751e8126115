import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { eventsOf } from '../harness/events.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';
import { type Browser, type Person, join, trySignIn, withCookie } from '../harness/sign-in.js';

jest.setTimeout(60_000);

const run = promisify(execFile);

interface Printed {
  member: { id: string; role: string; status: string };
  invitation: { token: string };
}

describe('an Owner who lost everything', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let person: Person;
  let browser: Browser;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await keyhold.aWorkspace('Acme');
    ({ person, browser } = await join(keyhold, acme, acme.ownerInvitation));
  });
  afterAll(() => keyhold.stop());

  /** As the operator does at a console. */
  const resetOwner = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    run(process.execPath, ['dist/apps/api/src/reset-owner.js', ...args], {
      env: { PATH: process.env['PATH'], ...keyhold.environment, ...env },
    });
  test('comes again with an invitation that the operator gets at a console, and with nothing that they had', async () => {
    const { stdout, stderr } = await resetOwner([acme.id]);
    expect(stderr).toBe('');
    const { member, invitation } = JSON.parse(stdout) as Printed;
    expect(member).toMatchObject({ id: person.memberId, role: 'owner', status: 'reset' });
    expect(await trySignIn(keyhold, person)).toMatchObject({ status: 401 });
    expect(await withCookie(await keyhold.anotherNode(), acme, browser)('GET', '/session')).toMatchObject({ status: 401 });
    const again = await join(keyhold, acme, invitation);
    expect(again.person.memberId).toBe(person.memberId);
    expect(await again.browser.call('GET', '/session')).toMatchObject({ status: 200, body: { member: { role: 'owner' } } });
    expect(await eventsOf(acme.call, { type: 'member.reset' })).toMatchObject([
      {
        principal: { kind: 'operator', role: 'operator', id: 'operator' },
        sourceAddress: 'internal',
        details: { memberId: person.memberId, role: 'owner' },
      },
    ]);
  });

  test('who has never come is invited again', async () => {
    const globex = await keyhold.aWorkspace();
    const { member, invitation } = JSON.parse((await resetOwner([globex.id])).stdout) as Printed;
    expect(member).toMatchObject({ id: globex.ownerInvitation.memberId, status: 'invited' });
    await expect(join(keyhold, globex, globex.ownerInvitation)).rejects.toThrow('invitation_refused');
    expect((await join(keyhold, globex, invitation)).person.memberId).toBe(member.id);
  });

  test.each([
    ['without a workspace', () => [], 'Name one workspace by its id'],
    ['with something that is no id', () => ["' OR true"], 'Name one workspace by its id'],
    ['with two workspaces', () => [acme.id, acme.id], 'Name one workspace by its id'],
    ['with a workspace that is not there', () => [randomUUID()], 'There is no such workspace'],
  ] as const)('gets nothing from a command %s, which says so in a sentence', async (_what, args, sentence) => {
    await expect(resetOwner(args())).rejects.toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(sentence) });
  });

  test('gets nothing from a command that does not hold the root key', async () => {
    const before = await eventsOf(acme.call, { type: 'member.reset' });
    await expect(resetOwner([acme.id], { KEYHOLD_ROOT_KEY_FILE: '/dev/null' })).rejects.toMatchObject({ code: 1, stdout: '' });
    expect(await eventsOf(acme.call, { type: 'member.reset' })).toEqual(before);
  });

  test('gets nothing over HTTP with the operator’s token, which sees into no workspace', async () => {
    const answer = await keyhold.operator('POST', `/v1/workspaces/${acme.id}/members/${person.memberId}/reset`);
    expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });
});
