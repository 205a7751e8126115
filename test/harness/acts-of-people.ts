import { randomUUID } from 'node:crypto';
import type { Act, ActWorld } from './acts.js';
import { aClient } from './client.js';
import type { Workspace } from './service.js';
import {
  type Browser,
  type Person,
  aFreshCode,
  aNewAuthenticator,
  aPerson,
  anAcceptance,
  anInvitation,
  signIn,
  trySignIn,
} from './sign-in.js';

/** One of each workspace: an act of somebody else is another act. */
const people = new WeakMap<Workspace, Promise<Person>>();
async function aBrowserOf({ keyhold, workspace }: ActWorld): Promise<Browser & { person: Person }> {
  const joined = people.get(workspace) ?? aPerson(keyhold, workspace);
  people.set(workspace, joined);
  const person = await joined;
  return { person, ...(await signIn(keyhold, person)) };
}

/** What people do for themselves, known by e-mail address, invitation or session. */
export const ACTS_OF_PEOPLE: readonly Act[] = [
  ofAPerson('signInWithPassword', false, async ({ keyhold, workspace }) => {
    const person = await aPerson(keyhold, workspace);
    const totpCode = await aFreshCode(keyhold, person);
    return (headers = {}) => trySignIn(keyhold, person, { totpCode }, { headers });
  }),
  ofAPerson('acceptInvitation', false, async ({ keyhold, workspace }) => {
    const acceptance = await anAcceptance(keyhold, await anInvitation(keyhold, workspace, 'user'));
    return (headers) => aClient(keyhold.url)('POST', '/v1/invitations/accept', acceptance, headers);
  }),
  ofAPerson('signOut', false, async (world) => {
    const { call } = await aBrowserOf(world);
    return (headers) => call('DELETE', '/session', undefined, headers);
  }),
  ofAPerson('confirmIdentity', false, async (world) => {
    const { person, call } = await aBrowserOf(world);
    const body = { password: person.password, totpCode: await aFreshCode(world.keyhold, person) };
    return (headers) => call('POST', '/session/confirm', body, headers);
  }),
  ofAPerson('changePassword', false, async ({ keyhold, workspace }) => {
    const person = await aPerson(keyhold, workspace);
    const { call } = await signIn(keyhold, person);
    const body = { password: person.password, totpCode: await aFreshCode(keyhold, person), newPassword: `grey heron ${randomUUID()}` };
    return (headers) => call('PUT', '/password', body, headers);
  }),
  ofAPerson('changeAuthenticator', false, async ({ keyhold, workspace }) => {
    const person = await aPerson(keyhold, workspace);
    const { call } = await signIn(keyhold, person);
    const { totpSetUp, newTotpCode } = await aNewAuthenticator(call);
    const body = { password: person.password, totpCode: await aFreshCode(keyhold, person), totpSetUp, newTotpCode };
    return (headers) => call('PUT', '/authenticator', body, headers);
  }),
  ofAPerson('endSession', true, async (world) => {
    const [{ call }, { sessionId }] = [await aBrowserOf(world), await aBrowserOf(world)];
    return (headers) => call('DELETE', `/sessions/${sessionId}`, undefined, headers);
  }),
  ofAPerson('renewRecoveryCodes', true, async (world) => {
    const { call } = await aBrowserOf(world);
    return (headers) => call('POST', '/recovery-codes', undefined, headers);
  }),
];

function ofAPerson(operationId: string, isWrite: boolean, prepare: Act['prepare']): Act {
  return { name: operationId, operationId, isWrite, by: 'user', prepare };
}
