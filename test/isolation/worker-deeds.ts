import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { JobKind } from '#jobs';
import { eventually } from '../harness/eventually.js';
import { freePort } from '../harness/free-port.js';
import { aJob } from '../harness/job.js';
import type { Keyhold, Running, Workspace } from '../harness/service.js';
import { aManagedVault } from '../harness/vault.js';
import { type WorkerOrders, ordersDone } from './worker-orders.js';

const HOLDING_WORKER = resolve('test/isolation/holding-worker.mjs');
const HELD = 'test.hold' as JobKind;
const ENDS = ['is done', 'waits', 'goes on'] as const;
/** What comes by itself every minute, or less often. */
const RECURRING = ['settle-managed-keys', 'requeue-jobs', 'finalise-rekeys'];

/** What workers are told besides: of a mail server that is not there. */
export const MAIL = { KEYHOLD_SMTP_URL: 'smtp://127.0.0.1:1', KEYHOLD_MAIL_FROM: 'keyhold@vault.example' };

/** A worker that holds some jobs, one for each end that they come to when it is told to stop. Until then it takes no other. */
export async function aBusyWorker(keyhold: Keyhold, { id, call }: Workspace, env: NodeJS.ProcessEnv): Promise<Running> {
  const jobs = ENDS.map((end) => aJob(keyhold, id, { kind: HELD, params: { end } }));
  const jobIds = await Promise.all(jobs);
  const worker = await keyhold.aWorker({ file: HOLDING_WORKER, env: { ...env, KEYHOLD_JOBS_AT_ONCE: String(jobIds.length) } });
  for (const jobId of jobIds)
    await eventually(
      async () => (await call('GET', `/jobs/${jobId}`)).body as { progress: { done: number } },
      ({ progress }) => progress.done === 1,
    );
  return worker;
}

/** Meanwhile the process does nothing at all, not even what comes by itself. */
export async function whileStill<Result>({ process: { pid } }: Running, act: () => Promise<Result>): Promise<Result> {
  if (pid === undefined) throw new Error('the process has not started');
  process.kill(pid, 'SIGSTOP');
  try {
    return await act();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
}

/** Leaves behind what only a worker brings to its end: keys of a vault that was made at the second try, and of one that was not restored. */
export async function leaveKeysBehind({ sandbox, database }: Keyhold, workspace: Workspace): Promise<void> {
  const whileKeysFail = async (method: string, path: string, body?: object) => {
    const lift = await sandbox.control.fault({ operation: 'GetPublicKey', fault: { kind: 'reset' } });
    const { status, text } = await workspace.call(method, path, body);
    await lift();
    if (status < 400) throw new Error(`${method} ${path} succeeded although its key could not be asked: ${text}`);
  };
  const name = `Vault ${randomUUID()}`;
  await whileKeysFail('POST', '/vaults', { name, strategy: 'managed' });
  await aManagedVault(workspace, { name });
  const deleted = await aManagedVault(workspace);
  await workspace.call('DELETE', `/vaults/${deleted}`);
  await whileKeysFail('POST', `/vaults/${deleted}/restore`);
  await database.asAdmin(
    `UPDATE managed_keys SET due_at = now() - interval '1 second', claimed_until = now() - interval '1 second'
     WHERE workspace_id = $1 AND (state = 'tidying' OR vault_id = $2)`,
    [workspace.id, deleted],
  );
}

/** A worker does what was ordered, and everything that comes by itself, once; somebody counts what it has done. */
export async function whatTimeBrings(keyhold: Keyhold, workspace: Workspace, orders: WorkerOrders, env: NodeJS.ProcessEnv): Promise<void> {
  await cancelOthers(keyhold, workspace, orders);
  const metricsPort = await freePort();
  const worker = await keyhold.aWorker({ env: { ...env, KEYHOLD_METRICS_PORT: String(metricsPort) } });
  for (const task of RECURRING) await keyhold.database.asAdmin(`SELECT graphile_worker.add_job($1)`, [task]);
  const open = () => keyhold.database.asAdmin(`SELECT 1 FROM graphile_worker.jobs WHERE task_identifier = ANY ($1)`, [RECURRING]);
  await eventually(open, (jobs) => jobs.length === 0, { withinMs: 60_000 });
  await ordersDone(keyhold, workspace, orders);
  await fetch(`http://127.0.0.1:${metricsPort}/metrics`);
  await worker.stop();
}

/** Only some jobs of a workspace are done at a time: nothing else is to stand before those of the orders. */
async function cancelOthers({ database }: Keyhold, { id }: Workspace, { jobIds, drill }: WorkerOrders): Promise<void> {
  await database.asAdmin(
    `UPDATE jobs SET state = 'cancelled', finished_at = now()
     WHERE workspace_id = $1 AND state IN ('queued', 'running', 'paused') AND job_id <> ALL ($2)`,
    [id, [...jobIds, drill.drillId]],
  );
}
