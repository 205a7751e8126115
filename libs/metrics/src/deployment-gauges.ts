import { Gauge, type Registry } from 'prom-client';
import type { Statement } from '#audit';

/** Vault keys under which something is sealed at present, and jobs that are not ended: of all workspaces, named by none. */
const COUNTS = {
  vaultKeys: {
    name: 'metrics-vault-keys',
    text: `SELECT k.strategy AS a, k.key_health AS b, count(*)::float8 AS count FROM vaults v JOIN vault_keys k
        ON k.workspace_id = v.workspace_id AND k.vault_id = v.vault_id AND k.vault_key_id = v.active_vault_key_id
      GROUP BY 1, 2`,
  },
  jobs: {
    name: 'metrics-jobs',
    text: `SELECT kind AS a, state AS b, count(*)::float8 AS count FROM jobs WHERE state IN ('queued', 'running', 'paused') GROUP BY 1, 2`,
  },
  jobSteps: {
    name: 'metrics-job-steps',
    text: `SELECT kind AS a, part AS b, sum(steps)::float8 AS count FROM jobs
      CROSS JOIN LATERAL (VALUES ('total', total), ('done', done), ('failed', failed)) AS s (part, steps)
      WHERE state IN ('queued', 'running', 'paused') GROUP BY 1, 2`,
  },
  alerts: {
    name: 'metrics-alerts',
    text: `SELECT channel AS a, CASE WHEN attempts = 0 THEN 'new' ELSE 'again' END AS b, count(*)::float8 AS count
      FROM alert_deliveries WHERE state = 'waiting' GROUP BY 1, 2`,
  },
} as const satisfies Record<string, Statement>;

interface Count extends Record<string, unknown> {
  a: string;
  b: string;
  count: number | null;
}

/** The door that counts across workspaces. */
interface Counts {
  ask<Row extends Record<string, unknown>>(statement: Statement): Promise<Row[]>;
}

/** However often somebody looks, the database is asked no more often. */
const COUNTED_ANEW_MS = 10_000;

/**
 * Counts over the whole deployment, which any one process can tell: where several do, they tell the same, so take the largest.
 * While the database cannot be asked they are absent, and not what they were.
 */
export function addDeploymentGauges(registry: Registry, database: Counts, now: () => number = () => performance.now()): void {
  const gauge = (name: string, help: string, [first, second]: readonly [string, string], statement: Statement) => {
    const counted = countedNowAndThen(database, statement, now);
    new Gauge({
      name: `keyhold_${name}`,
      help,
      labelNames: [first, second],
      registers: [registry],
      async collect() {
        const counts = await counted();
        this.reset();
        for (const { a, b, count } of counts) this.set({ [first]: a, [second]: b }, count ?? 0);
      },
    });
  };
  gauge('vault_keys', 'Vault keys in use.', ['strategy', 'health'], COUNTS.vaultKeys);
  gauge('jobs', 'Background jobs that are not ended.', ['kind', 'state'], COUNTS.jobs);
  gauge('job_steps', 'Steps of the jobs that are not ended.', ['kind', 'part'], COUNTS.jobSteps);
  gauge('alerts_waiting', 'Alerts that wait for their delivery.', ['channel', 'state'], COUNTS.alerts);
}

function countedNowAndThen(database: Counts, statement: Statement, now: () => number): () => Promise<readonly Count[]> {
  let counted: Promise<readonly Count[]> = Promise.resolve([]);
  let until = -Infinity;
  return () => {
    if (now() >= until) {
      until = now() + COUNTED_ANEW_MS;
      counted = database.ask<Count>(statement).catch(() => []);
    }
    return counted;
  };
}
