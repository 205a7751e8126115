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

/** What people do for themselves, known by e-mail address, invitation or session. Codes are what the authenticator shows when they are sent. */
export const ACTS_OF_PEOPLE: readonly Act[] = [
  ofAPerson('signInWithPassword', false, async ({ keyhold, workspace }) => {
    const person = await aPerson(keyhold, workspace);
    return (headers = {}) => trySignIn(keyhold, person, {}, { headers });
  }),
  ofAPerson('acceptInvitation', false, async ({ keyhold, workspace }) => {
    const invitation = await anInvitation(keyhold, workspace, 'user');
    return async (headers) => aClient(keyhold.url)('POST', '/v1/invitations/accept', await anAcceptance(keyhold, invitation), headers);
  }),
  ofAPerson('signOut', false, async (world) => {
    const { call } = await aBrowserOf(world);
    return (headers) => call('DELETE', '/session', undefined, headers);
  }),
  ofAPerson('confirmIdentity', false, async (world) => {
    const { person, call } = await aBrowserOf(world);
    return async (headers) => call('POST', '/session/confirm', await whatShowsWho(world, person), headers);
  }),
  ofAPerson('changePassword', false, async (world) => {
    const person = await aPerson(world.keyhold, world.workspace);
    const { call } = await signIn(world.keyhold, person);
    const newPassword = `grey heron ${randomUUID()}`;
    return async (headers) => call('PUT', '/password', { ...(await whatShowsWho(world, person)), newPassword }, headers);
  }),
  ofAPerson('changeAuthenticator', false, async (world) => {
    const person = await aPerson(world.keyhold, world.workspace);
    const { call } = await signIn(world.keyhold, person);
    return async (headers) => {
      const { totpSetUp, newTotpCode } = await aNewAuthenticator(call);
      return call('PUT', '/authenticator', { ...(await whatShowsWho(world, person)), totpSetUp, newTotpCode }, headers);
    };
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

async function whatShowsWho({ keyhold }: ActWorld, person: Person) {
  return { password: person.password, totpCode: await aFreshCode(keyhold, person) };
}

function ofAPerson(operationId: string, isWrite: boolean, prepare: Act['prepare']): Act {
  return { name: operationId, operationId, isWrite, by: 'user', prepare };
}
