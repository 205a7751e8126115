import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Client, aClient } from './client.js';
import { type TestDatabase, aDatabase } from './database.js';
import { freePort } from './free-port.js';
import { type Platform, aPlatform } from './platform.js';
import { type ProviderPlace, aProviderPlace } from './provider-place.js';
import { type RunningSandbox, startSandbox } from './sandbox.js';
import { selfSigned } from './self-signed.js';

const PLACES = 3;
const READY_WITHIN_MS = 60_000;
const API = resolve('dist/apps/api/src/main.js');
const WORKER = resolve('dist/apps/worker/src/main.js');

/** Behind the id of a workspace it is that workspace's host. */
export const HOST_SUFFIX = 'workspaces.keyhold.example';

/** All tests speak from one address; those of the limits set their own. */
const WIDE_LIMITS = {
  KEYHOLD_TRIES_PER_ADDRESS: '10000',
  KEYHOLD_TRIES_PER_WORKSPACE: '10000',
  KEYHOLD_REQUESTS_PER_SECOND: '10000',
  KEYHOLD_REQUESTS_BURST: '100000',
  KEYHOLD_REQUESTS_AT_ONCE: '10000',
  KEYHOLD_MEGABYTES_PER_MINUTE: '100000',
};

/** A process of the service. */
export interface Running {
  /** What the process wrote, standard output and error alike. */
  log(): string;
  /** Ends it and waits; SIGTERM when nothing else is said. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  process: ChildProcess;
}

export interface Node extends Running {
  url: string;
}

export interface WorkerOrder {
  env?: NodeJS.ProcessEnv;
  /** What is run instead of the worker that is shipped. */
  file?: string;
}

export interface Workspace {
  id: string;
  name: string;
  defaultVaultId: string;
  defaultBoxId: string;
  /** Lets the Owner in. */
  ownerInvitation: { memberId: string; token: string; expiresAt: string };
  /** Of a service whose key has every scope. */
  token: string;
  /** Speaks as that service; paths are below `/v1/workspaces/<id>`. */
  call: Client;
}

export interface Keyhold extends Node {
  sandbox: RunningSandbox;
  platform: Platform;
  database: TestDatabase;
  operatorToken: string;
  rootKey: Buffer;
  /** What its processes are told. */
  environment: Readonly<NodeJS.ProcessEnv>;
  /** Where the service allows identity providers although they are on this machine. */
  places: readonly ProviderPlace[];
  /** Speaks as the operator; whole paths. */
  operator: Client;
  aWorkspace(name?: string): Promise<Workspace>;
  /** Another API process on the same database; ends with this one. */
  anotherNode(env?: NodeJS.ProcessEnv): Promise<Node>;
  /** A worker on the same database; ends with this one. */
  aWorker(order?: WorkerOrder): Promise<Running>;
}

/** The built service as its own process, on a database of its own and with a sandbox for AWS. */
export async function startKeyhold({ env = {} }: { env?: NodeJS.ProcessEnv } = {}): Promise<Keyhold> {
  const [sandbox, database] = await Promise.all([startSandbox(), aDatabase()]);
  const platform = await aPlatform(sandbox, { deploymentId: env['KEYHOLD_DEPLOYMENT_ID'] });
  const operatorToken = `kho_${randomBytes(32).toString('base64url')}`;
  const rootKey = randomBytes(32);
  const folder = mkdtempSync(join(tmpdir(), 'keyhold-test-'));
  const rootKeyFile = join(folder, 'root-key');
  writeFileSync(rootKeyFile, rootKey, { mode: 0o600 });
  const vouched = selfSigned();
  const places = await Promise.all(Array.from({ length: PLACES }, () => aProviderPlace(vouched)));
  const certificateFile = join(folder, 'certificate.pem');
  writeFileSync(certificateFile, vouched.cert);
  const shared = {
    NODE_EXTRA_CA_CERTS: certificateFile,
    KEYHOLD_PRIVATE_WEBHOOK_ORIGINS: places.map(({ origin }) => origin).join(),
    KEYHOLD_ROOT_KEY_FILE: rootKeyFile,
    KEYHOLD_AWS_PRINCIPAL_ARN: platform.principalArn,
    KEYHOLD_AWS_PRINCIPAL_MODE: 'assume',
    KEYHOLD_MANAGED_KEY_USER_ROLE_ARN: platform.managedKeys.userRoleArn,
    KEYHOLD_MANAGED_KEY_ADMINISTRATOR_ROLE_ARN: platform.managedKeys.administratorRoleArn,
    KEYHOLD_AWS_ENDPOINT: sandbox.url,
    KEYHOLD_AWS_ACCESS_KEY_ID: platform.baseCredentials.accessKeyId,
    KEYHOLD_AWS_SECRET_ACCESS_KEY: platform.baseCredentials.secretAccessKey,
  };
  const environment = {
    ...shared,
    KEYHOLD_PRIVATE_ISSUER_ORIGINS: places.map(({ origin }) => origin).join(),
    KEYHOLD_DATABASE_URL: database.serviceUrl,
    KEYHOLD_OPERATOR_TOKEN_SHA256: createHash('sha256').update(operatorToken).digest('hex'),
    KEYHOLD_WORKSPACE_HOST_SUFFIX: HOST_SUFFIX,
    ...WIDE_LIMITS,
    ...env,
  };
  const others: Running[] = [];
  const node = await startNode(environment);
  const operator = aClient(node.url, operatorToken);
  return {
    ...node,
    sandbox,
    platform,
    database,
    operatorToken,
    rootKey,
    environment,
    places,
    operator,
    aWorkspace: (name) => aWorkspaceOn(node, operator, name),
    async anotherNode(more = {}) {
      const other = await startNode({ ...environment, ...more });
      others.push(other);
      return other;
    },
    async aWorker({ env: more = {}, file = WORKER } = {}) {
      const urls = { KEYHOLD_DATABASE_URL: database.workerUrl, KEYHOLD_SERVICE_DATABASE_URL: database.serviceUrl };
      const worker = await startWorker(file, { ...shared, ...urls, ...more });
      others.push(worker);
      return worker;
    },
    async stop(signal) {
      const [code] = await Promise.all([node.stop(signal), ...others.map((other) => other.stop())]);
      await Promise.all([sandbox.stop(), database.drop(), ...places.map((place) => place.stop())]);
      rmSync(folder, { recursive: true });
      return code;
    },
  };
}

/** Made by the operator on one node, which its `call` then speaks with. */
export async function aWorkspaceOn(
  { url }: Pick<Node, 'url'>,
  operator: Client,
  name = `Workspace ${randomBytes(4).toString('hex')}`,
): Promise<Workspace> {
  const { status, body } = await operator('POST', '/v1/workspaces', { name, ownerEmail: 'owner@workspace.example' });
  if (status !== 201) throw new Error(`creating a workspace: ${status} ${JSON.stringify(body)}`);
  const { apiKey: token, ...made } = body as Omit<Workspace, 'call' | 'token'> & { apiKey: string };
  const { id, defaultVaultId, defaultBoxId, ownerInvitation } = made;
  return { id, name, defaultVaultId, defaultBoxId, ownerInvitation, token, call: aClient(`${url}/v1/workspaces/${id}`, token) };
}

async function startNode(environment: NodeJS.ProcessEnv): Promise<Node> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  return { url, ...(await started(API, { KEYHOLD_PORT: String(port), ...environment }, () => answers(`${url}/health/ready`))) };
}

function startWorker(file: string, environment: NodeJS.ProcessEnv): Promise<Running> {
  return started(file, environment, (log) => Promise.resolve(log.includes('"worker ready"')));
}

async function started(file: string, environment: NodeJS.ProcessEnv, isReady: (log: string) => Promise<boolean>): Promise<Running> {
  const child = spawn(process.execPath, ['--enable-source-maps', file], {
    env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: resolve('node_modules/.cache/v8'), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (log += text));
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = exited.then(([code]) => Promise.reject(new Error(`the service ended with ${String(code)}: ${log}`)));
  await Promise.race([until(() => isReady(log)), ended]).catch((error: unknown) => {
    kill();
    throw new Error(`the service did not start: ${log}`, { cause: error });
  });
  return {
    process: child,
    log: () => log,
    async stop(signal = 'SIGTERM') {
      process.off('exit', kill);
      child.kill(signal);
      return (await exited)[0];
    },
  };
}

/** Asks again whenever it is refused: there is nothing else to wait on in another process. */
async function until(isReady: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline) {
    if (await isReady()) return;
    await new Promise((again) => setTimeout(again, 20));
  }
  throw new Error(`not ready within ${READY_WITHIN_MS} ms`);
}

async function answers(url: string): Promise<boolean> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  await answer?.arrayBuffer();
  return answer?.status === 200;
}
