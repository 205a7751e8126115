import { randomUUID } from 'node:crypto';
import { Browser, type Page } from '../harness/browser.js';
import { type ClaimsIn, type OpenIdProvider, type ProviderClient, anOpenIdProvider } from '../harness/openid-provider.js';
import type { ProviderPlace } from '../harness/provider-place.js';
import type { Keyhold, Workspace } from '../harness/service.js';

export const SESSION = '__Host-keyhold-session';
export const FLOW = '__Host-keyhold-flow';

/** A provider as a workspace knows it. */
export interface Registered {
  id: string;
  redirectUri: string;
  client: ProviderClient;
}

export function placeOf({ places }: Keyhold, index: number): ProviderPlace {
  const place = places[index];
  if (!place) throw new Error(`there is no place ${index} for a provider`);
  return place;
}

export const aProviderAt = (keyhold: Keyhold, index: number, claimsIn?: ClaimsIn): Promise<OpenIdProvider> =>
  anOpenIdProvider(placeOf(keyhold, index), claimsIn);

/** Registers a provider with a client of its own, and tells the provider where that client sends people back to. */
export async function registered(workspace: Workspace, provider: OpenIdProvider, order: object = {}): Promise<Registered> {
  const client = provider.aClient();
  const { status, body } = await workspace.call('POST', '/identity-providers', {
    name: `Login ${randomUUID()}`,
    issuer: provider.issuer,
    clientId: client.clientId,
    clientSecret: client.clientSecret,
    groupsClaim: 'groups',
    ...order,
  });
  if (status !== 201) throw new Error(`registering a provider: ${status} ${JSON.stringify(body)}`);
  const { id, redirectUri } = body as Registered;
  client.sendsBackTo(redirectUri);
  return { id, redirectUri, client };
}

export const aBrowser = (keyhold: Keyhold): Browser => new Browser(placeOf(keyhold, 0).certificate);

export function startOf({ url }: { url: string }, workspace: { id: string }, { id }: { id: string }, returnTo?: string): string {
  const query = new URLSearchParams({ workspaceId: workspace.id, providerId: id, ...(returnTo !== undefined && { returnTo }) });
  return `${url}/v1/sign-in/oidc/start?${query.toString()}`;
}

export const isCallback = (url: string): boolean => new URL(url).pathname.startsWith('/v1/sign-in/oidc/callback/');

/** From the start to what the callback answers. Whoever is signed in at the provider is not asked again. */
export async function cameBack(browser: Browser, start: string, account: string): Promise<Page> {
  const page = await browser.open(start);
  return page.text.includes('<form') ? browser.submit(page, { account }) : page;
}

/** The same, but stops before the callback: answers its address. */
export async function sentBackTo(browser: Browser, start: string, account: string): Promise<string> {
  const page = await browser.open(start, isCallback);
  return (isCallback(page.url) ? page : await browser.submit(page, { account }, isCallback)).url;
}

/** Somebody who was invited. Answers the member's id. */
export async function invited(workspace: Workspace, email: string, role: 'admin' | 'user' = 'user'): Promise<string> {
  const { status, body } = await workspace.call('POST', '/members', { email, role });
  if (status !== 201) throw new Error(`inviting a member: ${status} ${JSON.stringify(body)}`);
  return (body as { member: { id: string } }).member.id;
}

/** A group of those for whom a provider's claim has this value. Answers its id. */
export async function aMappedGroup(workspace: Workspace, { id }: { id: string }, claimValue: string): Promise<string> {
  const order = { name: `Group ${randomUUID()}`, providerId: id, claimValue };
  const { status, body } = await workspace.call('POST', '/groups', order);
  if (status !== 201) throw new Error(`making a group: ${status} ${JSON.stringify(body)}`);
  return (body as { id: string }).id;
}

/** What the trail of a workspace has of these types, newest first, without what every event has. */
export async function told(workspace: Workspace, type: string): Promise<{ principal: object; details: object }[]> {
  const { body } = await workspace.call('GET', `/audit-events?type=${type}&limit=100`);
  return (body.data as { principal: object; details: object }[]).map(({ principal, details }) => ({ principal, details }));
}
