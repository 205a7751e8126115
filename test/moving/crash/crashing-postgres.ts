import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type RunningPostgres, startPostgres } from '../../../scripts/pg.mjs';

/** A PostgreSQL of this test alone, whose crashes its data outlives. */
export interface CrashingPostgres {
  url: string;
  /** As `pg_ctl stop -m immediate` does, and up again. */
  crash(): Promise<void>;
  /** One statement as the administrator, on the database that the service uses; waits for a server that is coming up. */
  ask<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  stop(): Promise<void>;
}

const SETTINGS = { max_connections: 300, fsync: 'off', shared_buffers: '64MB' };

export async function aCrashingPostgres(databaseUrl: () => string): Promise<CrashingPostgres> {
  const dir = mkdtempSync(join(tmpdir(), 'keyhold-crash-'));
  let server: RunningPostgres = await startPostgres({ dir, settings: SETTINGS });
  const { port, url } = server;
  let pool: pg.Pool | undefined;
  const connected = (): pg.Pool => {
    pool ??= new pg.Pool({ connectionString: databaseUrl(), max: 4 }).on('error', () => undefined);
    return pool;
  };
  return {
    url,
    async crash() {
      const exit = once(server.child, 'exit');
      server.child.kill('SIGQUIT');
      await exit;
      server = await startPostgres({ dir, port, settings: SETTINGS });
    },
    async ask<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []) {
      for (;;) {
        try {
          return (await connected().query<Row>(text, [...values])).rows;
        } catch (error) {
          if (!isAway(error)) throw error;
          await new Promise((again) => setTimeout(again, 50));
        }
      }
    },
    async stop() {
      await pool?.end();
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function isAway(error: unknown): boolean {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  return /^(57P0[123]|ECONN|08)/.test(code) || /terminat|connection/i.test(message);
}
