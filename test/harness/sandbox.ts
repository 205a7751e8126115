import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

export const SANDBOX_MAIN = resolve('dist/apps/aws-sandbox/src/main.js');
/** Shared by all tests of a checkout: the keys protect nothing. */
export const KEY_POOL_DIRECTORY = resolve('node_modules/.cache/keyhold/rsa-pool');

export interface SandboxAccount {
  accountId: string;
  accessKeyId: string;
  secretAccessKey: string;
}

export type SandboxFault =
  | { kind: 'latency'; ms: number }
  | { kind: 'error'; status: number; code: string; message?: string }
  | ({ kind: 'answer' } & SandboxAnswer)
  | { kind: 'hang' | 'black-hole' | 'throttle' | 'reset' | 'garbage' | 'html' | 'slow-drip' | 'wrong-key-id' | 'wrong-plaintext' };

/** An answer that AWS would not give. */
export interface SandboxAnswer {
  status: number;
  /** `application/json` when nothing else is said */
  contentType?: string;
  body?: string;
  /** a `Location` header */
  location?: string;
  /** so many spaces follow the body, in chunks */
  fillBytes?: number;
  /** body and fill are compressed, and the answer says so */
  gzip?: boolean;
}

export interface SandboxFaultOrder {
  region?: string;
  service?: 'kms' | 'sts' | 'iam' | 'cloudtrail';
  operation?: string;
  /** of the caller, or of the role or key that is asked for */
  accountId?: string;
  /** `mrk-…` */
  keyId?: string;
  times?: number;
  when?: 'before' | 'after';
  fault: SandboxFault;
}

/** `outcome` is `ok`, an error's name, `fault:<kind>`, or `pending` while the call is not answered. */
export interface SandboxCall {
  seq: number;
  at: string;
  service?: string;
  operation?: string;
  region?: string;
  accountId?: string;
  callerArn?: string;
  accessKeyId?: string;
  keyId?: string;
  requestId: string;
  method: string;
  /** with the query string */
  path: string;
  host: string;
  /** lower case, sorted; one that was sent twice stands here twice */
  headerNames: string[];
  bodySha256: string;
  outcome: string;
  httpStatus?: number;
  durationMs?: number;
}

export interface SandboxControl {
  createAccount(accountId?: string): Promise<SandboxAccount>;
  /** @returns a function that lifts the fault again; it may have ended by itself */
  fault(order: SandboxFaultOrder): Promise<() => Promise<void>>;
  clearFaults(): Promise<void>;
  /** moves the sandbox's clock; `transitionSeconds` is how long replicas are Creating */
  clock(setting: { offsetSeconds?: number; transitionSeconds?: number }): Promise<void>;
  ledger(since?: number): Promise<{ calls: SandboxCall[]; lastSeq: number }>;
  clearLedger(): Promise<void>;
  /** What `work` gave, and the calls that arrived while it ran. */
  callsDuring<T>(work: () => Promise<T>): Promise<{ result: T; calls: SandboxCall[] }>;
  reset(): Promise<void>;
}

export interface RunningSandbox {
  url: string;
  control: SandboxControl;
  /** what the process wrote to its standard error */
  errors(): string;
  stop(): Promise<void>;
  /** ends it without any chance to save */
  kill(): Promise<void>;
}

/** Starts the built sandbox on a free port; with `dataDir` its state outlives it. */
export async function startSandbox({ dataDir, env = {} }: { dataDir?: string; env?: NodeJS.ProcessEnv } = {}): Promise<RunningSandbox> {
  if (!existsSync(SANDBOX_MAIN)) throw new Error('The sandbox is not built: tsc -p apps/aws-sandbox/tsconfig.app.json');
  const child = spawn(process.execPath, ['--enable-source-maps', SANDBOX_MAIN], {
    env: {
      PATH: process.env.PATH,
      KEYHOLD_SANDBOX_PORT: '0',
      KEYHOLD_SANDBOX_KEY_POOL: KEY_POOL_DIRECTORY,
      ...(dataDir !== undefined && { KEYHOLD_SANDBOX_DATA_DIR: dataDir }),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const exited = once(child, 'exit');
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const end = async (signal: NodeJS.Signals) => {
    process.off('exit', kill);
    child.kill(signal);
    await exited;
  };
  const url = await Promise.race([
    listeningUrl(createInterface({ input: child.stdout })),
    exited.then(([code]) => Promise.reject(new Error(`the sandbox ended with ${String(code)}: ${errors}`))),
  ]);
  return {
    url,
    control: sandboxControl(url),
    errors: () => errors,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

async function listeningUrl(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) {
    const url = /^aws-sandbox listening on (\S+)$/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  return new Promise(() => undefined); // the process ended: its exit tells why
}

/** The control API of a sandbox, wherever it runs. */
export function sandboxControl(url: string): SandboxControl {
  const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
    const response = await fetch(new URL(`/_sandbox/${path}`, url), {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  };
  const ledger: SandboxControl['ledger'] = async (since = 0) =>
    (await ask('GET', `ledger?since=${since}`)) as { calls: SandboxCall[]; lastSeq: number };
  return {
    createAccount: async (accountId) => (await ask('POST', 'accounts', { accountId })) as SandboxAccount,
    async fault(order) {
      const { faultId } = (await ask('POST', 'faults', order)) as { faultId: string };
      return async () => {
        const { faults } = (await ask('GET', 'faults')) as { faults: { faultId: string }[] };
        if (faults.some((fault) => fault.faultId === faultId)) await ask('DELETE', `faults/${faultId}`);
      };
    },
    async clearFaults() {
      await ask('DELETE', 'faults');
    },
    async clock(setting) {
      await ask('PUT', 'clock', setting);
    },
    ledger,
    async callsDuring(work) {
      const { lastSeq } = await ledger();
      const result = await work();
      return { result, calls: (await ledger(lastSeq)).calls };
    },
    async clearLedger() {
      await ask('DELETE', 'ledger');
    },
    async reset() {
      await ask('POST', 'reset');
    },
  };
}
