import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { JobKind } from '#jobs';
import { eventually } from '../harness/eventually.js';
import { aJob } from '../harness/job.js';
import type { Keyhold, Running, Workspace } from '../harness/service.js';
import { aManagedVault } from '../harness/vault.js';

const HOLDING_WORKER = resolve('test/isolation/holding-worker.mjs');
const HELD = 'test.hold' as JobKind;
/** What comes by itself every minute, or less often. */
const RECURRING = ['settle-managed-keys', 'requeue-jobs'];

/** A worker that holds two jobs: told to stop, it ends one and gives the other back. Until then it takes nothing else. */
export async function aBusyWorker(keyhold: Keyhold, { id, call }: Workspace, env: NodeJS.ProcessEnv): Promise<Running> {
  const jobs = [true, false].map((ends) => aJob(keyhold, id, { kind: HELD, params: { ends } }));
  const jobIds = await Promise.all(jobs);
  const worker = await keyhold.aWorker({ file: HOLDING_WORKER, env: { ...env, KEYHOLD_JOBS_AT_ONCE: String(jobIds.length) } });
  for (const jobId of jobIds)
    await eventually(
      async () => (await call('GET', `/jobs/${jobId}`)).body as { progress: { done: number } },
      ({ progress }) => progress.done === 1,
    );
  return worker;
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

/** A worker does everything that comes by itself, once. */
export async function whatTimeBrings(keyhold: Keyhold, env: NodeJS.ProcessEnv): Promise<void> {
  const worker = await keyhold.aWorker({ env });
  for (const task of RECURRING) await keyhold.database.asAdmin(`SELECT graphile_worker.add_job($1)`, [task]);
  const open = () => keyhold.database.asAdmin(`SELECT 1 FROM graphile_worker.jobs WHERE task_identifier = ANY ($1)`, [RECURRING]);
  await eventually(open, (jobs) => jobs.length === 0, { withinMs: 60_000 });
  await worker.stop();
}
