import { randomUUID } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { type MemberFacts, type MemberRole, MemberRows, RowMacs, newWorkspaceToken, tokenDigest } from '#access';
import { RootKey } from '#envelope';
import { type Answer, type Client, aClient } from './client.js';
import type { Keyhold, Workspace } from './service.js';

const SESSION_COOKIE = '__Host-keyhold-session';

/** Somebody with a password and an authenticator, who joined by invitation. */
export interface Person {
  workspace: Workspace;
  memberId: string;
  email: string;
  password: string;
  /** Base32 */
  totpSecret: string;
  recoveryCodes: string[];
}

export interface Browser {
  sessionId: string;
  /** As the cookie holds it. */
  token: string;
  csrfToken: string;
  expiresAt: string;
  /** Sends the cookie, and with what changes something the CSRF token; paths are below `/v1/workspaces/<id>`. */
  call: Client;
}

/** What the authenticator shows, `steps` half minutes from now. */
export function totpCode(secret: string, steps = 0): string {
  return new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + steps * 30_000 });
}

/** A code that is still good: what was used before was long ago. */
export async function aFreshCode({ database }: Keyhold, { memberId, totpSecret }: Person): Promise<string> {
  await database.asAdmin('UPDATE members SET totp_last_step = NULL WHERE member_id = $1', [memberId]);
  return totpCode(totpSecret);
}

/** The invitation of somebody new, put into the database; the Owner was invited with the workspace. */
export async function anInvitation(
  keyhold: Keyhold,
  workspace: Workspace,
  role: MemberRole,
  deviations: Partial<MemberFacts> = {},
): Promise<{ token: string; memberId: string }> {
  if (role === 'owner') return workspace.ownerInvitation;
  const memberId = randomUUID();
  const token = newWorkspaceToken('invitation', workspace.id);
  const email = `${memberId}@workspace.example`;
  const facts = { member_id: memberId, email, name: email, role, password_hash: null, totp_sealed: null, recovery_codes: [] };
  const invited = {
    status: 'invited' as const,
    invitation_sha256: tokenDigest(token),
    invitation_expires_at: new Date(Date.now() + 60_000),
    invited_by: 'test',
  };
  await writeMember(keyhold, workspace, { ...facts, ...invited, ...deviations });
  return { token, memberId };
}

export interface OpenedInvitation {
  workspaceName: string;
  email: string;
  totp: { secret: string; uri: string; setUp: string };
}

export async function openInvitation(node: { url: string }, { token }: { token: string }): Promise<OpenedInvitation> {
  const opened = await aClient(node.url)('POST', '/v1/invitations/open', { token });
  if (opened.status !== 200) throw new Error(`opening an invitation: ${opened.text}`);
  return opened.body as OpenedInvitation;
}

/** What accepts an invitation, after it was opened and an authenticator set up. */
export async function anAcceptance(node: { url: string }, { token }: { token: string }, password = `violet kettle ${randomUUID()}`) {
  const { totp } = await openInvitation(node, { token });
  return { token, name: 'Ada', password, totpSetUp: totp.setUp, totpCode: totpCode(totp.secret) };
}

export interface NewAuthenticator {
  totpSetUp: string;
  newTotpCode: string;
  secret: string;
}

/** What shows that another authenticator was set up, in the session that `call` comes with. */
export async function aNewAuthenticator(call: Client): Promise<NewAuthenticator> {
  return newAuthenticatorOf(await call('POST', '/authenticator/open'));
}

export function newAuthenticatorOf(opened: Answer): NewAuthenticator {
  if (opened.status !== 200) throw new Error(`opening an authenticator: ${opened.text}`);
  const { secret, setUp } = opened.body as { secret: string; setUp: string };
  return { totpSetUp: setUp, newTotpCode: totpCode(secret), secret };
}

/** Accepts an invitation over HTTP, as its pages would. */
export async function join(
  keyhold: Keyhold,
  workspace: Workspace,
  { token }: { token: string },
  password = `violet kettle ${randomUUID()}`,
): Promise<{ person: Person; browser: Browser }> {
  const { email, totp } = await openInvitation(keyhold, { token });
  const acceptance = { token, name: 'Ada', password, totpSetUp: totp.setUp, totpCode: totpCode(totp.secret) };
  const answer = await aClient(keyhold.url)('POST', '/v1/invitations/accept', acceptance);
  if (answer.status !== 201) throw new Error(`accepting an invitation: ${answer.text}`);
  const { memberId, recoveryCodes } = answer.body as { memberId: string; recoveryCodes: string[] };
  const person = { workspace, memberId, email, password, totpSecret: totp.secret, recoveryCodes };
  return { person, browser: browserOf(keyhold, workspace, answer) };
}

export async function aPerson(keyhold: Keyhold, workspace: Workspace, role: MemberRole = 'user'): Promise<Person> {
  return (await join(keyhold, workspace, await anInvitation(keyhold, workspace, role))).person;
}

/** One try to sign in with what is right, but for `deviations`. */
export async function trySignIn(
  keyhold: Keyhold,
  person: Person,
  deviations: Record<string, unknown> = {},
  { node = keyhold, headers = {} }: { node?: { url: string }; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { email, password, workspace } = person;
  const code = 'totpCode' in deviations || 'recoveryCode' in deviations ? {} : { totpCode: await aFreshCode(keyhold, person) };
  const body = { workspaceId: workspace.id, email, password, ...code, ...deviations };
  return aClient(node.url)('POST', '/v1/sign-in/password', body, headers);
}

export async function signIn(keyhold: Keyhold, person: Person, node: { url: string } = keyhold): Promise<Browser> {
  const answer = await trySignIn(keyhold, person, {}, { node });
  if (answer.status !== 200) throw new Error(`signing in: ${answer.text}`);
  return browserOf(node, person.workspace, answer);
}

/** Speaks with the cookie and the CSRF token that an answer brought. */
export function browserOf(node: { url: string }, workspace: Workspace, answer: Answer): Browser {
  const { sessionId, csrfToken, expiresAt } = answer.body as { sessionId: string; csrfToken: string; expiresAt: string };
  const token = cookieOf(answer);
  return { sessionId, token, csrfToken, expiresAt, call: withCookie(node, workspace, { token, csrfToken }) };
}

/** The same session at another node. */
export function withCookie(
  node: { url: string },
  workspace: Workspace,
  { token, csrfToken }: Pick<Browser, 'token' | 'csrfToken'>,
): Client {
  const call = aClient(`${node.url}/v1/workspaces/${workspace.id}`);
  return (method, path, body, headers = {}) =>
    call(method, path, body, {
      cookie: `${SESSION_COOKIE}=${token}`,
      ...(method !== 'GET' && { 'x-csrf-token': csrfToken }),
      ...headers,
    });
}

/** The session's token as the browser keeps it. */
export function cookieOf({ headers }: Answer): string {
  const [, token] = new RegExp(`^${SESSION_COOKIE}=([^;]+);`).exec(headers.get('set-cookie') ?? '') ?? [];
  if (token === undefined) throw new Error('no session was set');
  return token;
}

async function writeMember({ database, rootKey }: Keyhold, { id }: Workspace, facts: MemberFacts): Promise<void> {
  const query = async <Row>({ text }: { text: string }, values: readonly unknown[] = []) =>
    (await database.asAdmin(text, [id, ...values])) as Row[];
  await new MemberRows(new RowMacs(RootKey.fromBytes(rootKey))).insert({ query }, id, facts);
}
