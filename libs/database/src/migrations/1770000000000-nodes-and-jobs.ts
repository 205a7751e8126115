import type { MigrationInterface, QueryRunner } from 'typeorm';

const OWN_WORKSPACE = `workspace_id = nullif(current_setting('keyhold.workspace_id', true), '')::uuid`;

/**
 * `nodes`: the processes that are alive. The service sees and writes API processes only; the worker sees all, and writes workers.
 *
 * `jobs`: what was asked for and runs in the background, with a MAC over what it may do. The queue holds ids and decides nothing.
 * The worker's own role sees that a job is open, of all workspaces, and nothing else of it: it works in a workspace as the
 * service does.
 *
 * `enqueue_task` is the only way of the service to the queue, with the rights of the queue's owner: one of the tasks named here,
 * for the workspace of the transaction.
 */
const UP = [
  `CREATE TABLE nodes (
    node_id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('api', 'worker')),
    started_at timestamptz NOT NULL DEFAULT now(),
    heartbeat_at timestamptz NOT NULL DEFAULT now(),
    queue_lock text CHECK (length(queue_lock) <= 64))`,
  `ALTER TABLE nodes ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE nodes FORCE ROW LEVEL SECURITY`,
  `CREATE POLICY api_nodes ON nodes TO keyhold_app USING (kind = 'api') WITH CHECK (kind = 'api')`,
  `GRANT SELECT, INSERT (node_id, kind), UPDATE (heartbeat_at), DELETE ON nodes TO keyhold_app`,
  `CREATE POLICY all_nodes ON nodes TO keyhold_worker USING (true) WITH CHECK (kind = 'worker')`,
  `GRANT SELECT, INSERT (node_id, kind, queue_lock), UPDATE (heartbeat_at, queue_lock), DELETE ON nodes TO keyhold_worker`,

  `CREATE TABLE jobs (
    workspace_id uuid NOT NULL REFERENCES workspaces,
    job_id uuid NOT NULL,
    kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
    vault_id uuid,
    params text NOT NULL CHECK (length(params) <= 16384),
    requested_by jsonb NOT NULL,
    mac bytea NOT NULL CHECK (length(mac) = 32),
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'paused', 'completed', 'failed', 'cancelled')),
    fence bigint NOT NULL DEFAULT 0,
    takes integer NOT NULL DEFAULT 0,
    total integer CHECK (total >= 0),
    done integer NOT NULL DEFAULT 0 CHECK (done >= 0),
    failed integer NOT NULL DEFAULT 0 CHECK (failed >= 0),
    position jsonb,
    result jsonb,
    cause text CHECK (length(cause) <= 200),
    created_at timestamptz NOT NULL DEFAULT now(),
    started_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    PRIMARY KEY (workspace_id, job_id),
    FOREIGN KEY (workspace_id, vault_id) REFERENCES vaults)`,
  `CREATE INDEX jobs_open ON jobs (updated_at) WHERE state IN ('queued', 'running')`,
  `ALTER TABLE jobs ENABLE ROW LEVEL SECURITY`,
  `ALTER TABLE jobs FORCE ROW LEVEL SECURITY`,
  `CREATE POLICY own_workspace ON jobs TO keyhold_app USING (${OWN_WORKSPACE}) WITH CHECK (${OWN_WORKSPACE})`,
  `GRANT SELECT, INSERT, UPDATE (state, fence, takes, total, done, failed, position, result, cause, started_at, updated_at, finished_at)
    ON jobs TO keyhold_app`,
  `CREATE POLICY open_jobs ON jobs FOR SELECT TO keyhold_worker USING (state IN ('queued', 'running'))`,
  `GRANT SELECT (workspace_id, job_id, state, updated_at) ON jobs TO keyhold_worker`,

  `CREATE FUNCTION enqueue_task(task text, subject uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
    DECLARE workspace uuid := nullif(current_setting('keyhold.workspace_id', true), '')::uuid;
    BEGIN
      IF workspace IS NULL OR subject IS NULL OR task IS NULL OR task NOT IN ('run-job') THEN
        RAISE EXCEPTION 'not a task of a workspace' USING ERRCODE = 'check_violation';
      END IF;
      PERFORM graphile_worker.add_job(task, json_build_object('workspaceId', workspace, 'id', subject),
        job_key := concat_ws('/', task, workspace, subject), max_attempts := 32767);
    END $$`,
  `REVOKE ALL ON FUNCTION enqueue_task FROM PUBLIC`,
  `GRANT EXECUTE ON FUNCTION enqueue_task TO keyhold_app`,
];

export class NodesAndJobs1770000000000 implements MigrationInterface {
  name = 'NodesAndJobs1770000000000';

  async up(queries: QueryRunner): Promise<void> {
    for (const statement of UP) await queries.query(statement);
  }

  async down(queries: QueryRunner): Promise<void> {
    await queries.query(`DROP FUNCTION enqueue_task`);
    await queries.query(`DROP TABLE jobs`);
    await queries.query(`DROP TABLE nodes`);
  }
}
