import type { Act, ActWorld, SendAct } from './acts.js';
import { aCallersAccount, type CallersAccount, grantToArn } from './aws-callers.js';
import type { Answer } from './client.js';
import { type HttpOrder, httpRequest } from './http-request.js';
import { HOST_SUFFIX } from './service.js';
import { AUDIENCE_HEADER, type SignedIdentity, signIdentity } from './signed-identity.js';

const accounts = new WeakMap<ActWorld, Promise<CallersAccount>>();

/** An account whose role App the workspace lets in. */
function theAccount(world: ActWorld): Promise<CallersAccount> {
  const known = accounts.get(world) ?? anAccount(world);
  accounts.set(world, known);
  return known;
}

async function anAccount({ keyhold, workspace }: ActWorld): Promise<CallersAccount> {
  const account = await aCallersAccount(keyhold.sandbox);
  await grantToArn(keyhold, workspace, account.role('App'));
  return account;
}

/** What a new session of that role shows, made for this workspace alone. */
async function shown(world: ActWorld): Promise<SignedIdentity> {
  const { body } = await world.workspace.call('GET', '/aws-setup');
  const audience = { [AUDIENCE_HEADER]: String(body.signInAudience) };
  return signIdentity(await (await theAccount(world)).session('App'), { headers: audience });
}

async function send(url: string, order: HttpOrder): Promise<Answer> {
  const { status, headers, body, text } = await httpRequest(url, order);
  const given = Object.entries(headers).map(([name, value]) => [name, String(value)] as [string, string]);
  return { status, headers: new Headers(given), body, text };
}

const signedHeaders = ({ authorization, amzDate, securityToken = '' }: SignedIdentity) => ({
  authorization,
  'x-amz-date': amzDate,
  'x-amz-security-token': securityToken,
});

/** What AWS identities do before they have a session. */
export const ACTS_OF_AWS: readonly Act[] = [
  ofAws('signInWithAws', async (world) => {
    const body = JSON.stringify({ workspaceId: world.workspace.id, ...(await shown(world)) });
    const type = { 'content-type': 'application/json' };
    return (headers = {}) => send(`${world.keyhold.url}/v1/auth/aws`, { headers: { ...type, ...headers }, body });
  }),
  ofAws('cerberusStsIdentity', async (world) => {
    const signed = signedHeaders(await shown(world));
    const url = `${world.keyhold.url}/cerberus/${world.workspace.id}/v2/auth/sts-identity`;
    return (headers = {}) => send(url, { headers: { ...signed, ...headers } });
  }),
  ofAws('cerberusStsIdentityByHost', async (world) => {
    const signed = { ...signedHeaders(await shown(world)), host: `${world.workspace.id}.${HOST_SUFFIX}` };
    return (headers = {}) => send(`${world.keyhold.url}/v2/auth/sts-identity`, { headers: { ...signed, ...headers } });
  }),
];

function ofAws(operationId: string, prepare: (world: ActWorld) => Promise<SendAct>): Act {
  return { name: operationId, operationId, isWrite: false, by: 'aws', prepare };
}
