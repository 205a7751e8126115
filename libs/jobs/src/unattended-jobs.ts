import type { Statement } from '#audit';

/** Longer than any batch goes without a sign: a worker at work renews its lease every few seconds. */
const UNATTENDED_AFTER_SECONDS = 60;
const AT_ONCE = 1_000;

/**
 * Open jobs without a sign of life that no task of the queue will begin get a new one: whatever got lost between the two, after a
 * restored backup say, jobs are what counts. The keys are those of `enqueue_task`, so that a task that is there stays the one.
 */
const REQUEUE: Statement = {
  name: 'jobs-requeue',
  text: `SELECT graphile_worker.add_job('run-job', json_build_object('workspaceId', workspace_id, 'id', job_id),
      job_key := concat_ws('/', 'run-job', workspace_id, job_id), max_attempts := 32767)
    FROM jobs WHERE state IN ('queued', 'running') AND updated_at < clock_timestamp() - interval '${UNATTENDED_AFTER_SECONDS} seconds'
      AND NOT EXISTS (SELECT FROM graphile_worker.jobs q
        WHERE q.key = concat_ws('/', 'run-job', workspace_id, job_id) AND q.locked_at IS NULL AND q.attempts < q.max_attempts)
    ORDER BY updated_at LIMIT ${AT_ONCE}`,
};

/** The door that sees which jobs of all workspaces are open. */
interface OpenJobs {
  ask<Row extends Record<string, unknown>>(statement: Statement): Promise<Row[]>;
}

/** Answers for how many jobs nobody was going to do anything. */
export async function requeueUnattendedJobs(jobs: OpenJobs): Promise<number> {
  return (await jobs.ask(REQUEUE)).length;
}
