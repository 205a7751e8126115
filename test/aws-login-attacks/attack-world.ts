import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CallersAccount, aCallersAccount, grantToArn } from '../harness/aws-callers.js';
import { type HttpAnswer, httpRequest } from '../harness/http-request.js';
import type { SandboxAnswer, SandboxCall } from '../harness/sandbox.js';
import { type Keyhold, type Node, type Workspace, startKeyhold } from '../harness/service.js';
import { AUDIENCE_HEADER, type SignedIdentity, type Signer, type SigningOrder, signIdentity } from '../harness/signed-identity.js';

export const DEPLOYMENT = 'keyhold.test';
export const DOORS = ['keyhold', 'cerberus'] as const;
export type Door = (typeof DOORS)[number];

/** What is sent besides the four inputs. */
export interface Submitted {
  /** of the body at our own door */
  fields?: Record<string, unknown>;
  /** of the HTTP request */
  headers?: Record<string, string | readonly string[]>;
  query?: string;
  body?: string;
  workspaceId?: string;
  node?: Node;
  sourceAddress?: string;
}

export interface EventRow {
  type: string;
  details: Record<string, unknown>;
  caller: Record<string, unknown> | null;
  text: string;
}

/** One try to sign in and all that came of it. */
export interface Attempt {
  answer: HttpAnswer;
  /** Requests that reached the sandbox meanwhile. */
  calls: SandboxCall[];
  events: EventRow[];
  /** What must be in no record. */
  secrets: string[];
}

/** The service, a workspace at each door that lets the role App in, one that lets nobody in, and an attacker's server. */
export interface AttackWorld {
  keyhold: Keyhold;
  account: CallersAccount;
  workspaceOf(door: Door): Workspace;
  stranger: Workspace;
  trap: { host: string; visits: string[] };
  /** Every signature and token that was sent. */
  secrets: Set<string>;
  /** Signed as an honest client of the door does it, but for the changes; `signer` is a new session of App unless another is given. */
  sign(door: Door, order?: SigningOrder & { signer?: Signer; workspaceId?: string }): Promise<SignedIdentity>;
  attempt(door: Door, signed: Partial<SignedIdentity>, more?: Submitted): Promise<Attempt>;
  /** The answer of STS until `work` is done. */
  answering<T>(answer: SandboxAnswer, work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export const audienceOf = (workspaceId: string, deployment = DEPLOYMENT): Record<string, string> => ({
  [AUDIENCE_HEADER]: `${deployment};${workspaceId}`,
});

const PROXY_VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'];

export async function anAttackWorld(): Promise<AttackWorld> {
  const trap = await aTrap();
  const proxies = Object.fromEntries(PROXY_VARIABLES.map((name) => [name, `http://${trap.host}`]));
  const keyhold = await startKeyhold({
    env: { ...proxies, NODE_USE_ENV_PROXY: '1', KEYHOLD_DEPLOYMENT_ID: DEPLOYMENT, KEYHOLD_TRUSTED_PROXY_HOPS: '1' },
  });
  const [account, ours, legacy, stranger] = await Promise.all([
    aCallersAccount(keyhold.sandbox),
    keyhold.aWorkspace('Acme'),
    keyhold.aWorkspace('Legacy'),
    keyhold.aWorkspace('Stranger'),
  ]);
  await legacy.call('PATCH', '', { awsAudience: 'optional' });
  for (const workspace of [ours, legacy]) await grantToArn(keyhold, workspace, account.role('App'));
  const workspaceOf = (door: Door) => (door === 'keyhold' ? ours : legacy);
  const secrets = new Set<string>();
  return {
    keyhold,
    account,
    workspaceOf,
    stranger,
    trap,
    secrets,
    async sign(door, { signer, workspaceId = workspaceOf(door).id, ...order } = {}) {
      const by = signer ?? (await account.session('App'));
      return signIdentity(by, { ...order, headers: { ...(door === 'keyhold' && audienceOf(workspaceId)), ...order.headers } });
    },
    async attempt(door, signed, more = {}) {
      const sent = secretsOf(signed);
      for (const secret of sent) secrets.add(secret);
      const workspaceId = more.workspaceId ?? workspaceOf(door).id;
      const { result: answer, calls } = await keyhold.sandbox.control.callsDuring(() =>
        door === 'keyhold' ? atOurDoor(keyhold, workspaceId, signed, more) : atCerberus(keyhold, workspaceId, signed, more),
      );
      return { answer, calls, events: await eventsOf(keyhold, answer), secrets: sent };
    },
    async answering(answer, work) {
      const lift = await keyhold.sandbox.control.fault({ operation: 'GetCallerIdentity', fault: { kind: 'answer', ...answer } });
      try {
        return await work();
      } finally {
        await lift();
      }
    },
    async close() {
      await keyhold.stop();
      await trap.close();
    },
  };
}

const from = (sourceAddress = '192.0.2.1') => ({ 'x-forwarded-for': sourceAddress });

function atOurDoor(keyhold: Keyhold, workspaceId: string, signed: Partial<SignedIdentity>, more: Submitted): Promise<HttpAnswer> {
  const { node = keyhold, fields, headers, query = '', sourceAddress } = more;
  const body = more.body ?? JSON.stringify({ workspaceId, ...signed, ...fields });
  return httpRequest(`${node.url}/v1/auth/aws${query}`, {
    headers: { 'content-type': 'application/json', ...from(sourceAddress), ...headers },
    body,
  });
}

function atCerberus(keyhold: Keyhold, workspaceId: string, signed: Partial<SignedIdentity>, more: Submitted): Promise<HttpAnswer> {
  const { node = keyhold, headers, query = '', body = '', sourceAddress } = more;
  const given = { authorization: signed.authorization, 'x-amz-date': signed.amzDate, 'x-amz-security-token': signed.securityToken };
  const sent = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, asHeader(value)] as const]));
  return httpRequest(`${node.url}/cerberus/${workspaceId}/v2/auth/sts-identity${query}`, {
    headers: { ...Object.fromEntries(sent), ...from(sourceAddress), ...headers },
    body,
  });
}

/** UTF-8, as the bytes that a header can carry. */
const asHeader = (text: string): string => Buffer.from(text).toString('latin1');

const secretsOf = ({ authorization = '', securityToken }: Partial<SignedIdentity>): string[] => {
  const signature = /Signature=([0-9a-f]{64})/.exec(authorization)?.[1];
  return [signature, securityToken].filter((secret): secret is string => typeof secret === 'string' && secret.length > 20);
};

const eventsOf = (keyhold: Keyhold, { headers }: HttpAnswer): Promise<EventRow[]> =>
  keyhold.database.asAdmin<EventRow>('SELECT type, details, caller, e::text AS text FROM audit_events e WHERE request_id = $1', [
    headers['x-request-id'],
  ]);

/** A server to which nobody should come. */
async function aTrap() {
  const visits: string[] = [];
  const server = createServer((request, response) => {
    visits.push(`${request.method ?? ''} ${request.url ?? ''}`);
    response.end();
  });
  server.on('connection', ({ remotePort }) => visits.push(`connection ${remotePort ?? 0}`));
  server.on('connect', (_request, socket) => socket.destroy());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    visits,
    async close() {
      server.close();
      await once(server, 'close');
    },
  };
}
