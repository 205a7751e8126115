import { Injectable } from '@nestjs/common';
import { Database, NEWEST_MIGRATION } from '#database';
import { Closing } from './closing.js';
import { versionWarnings } from './version-warnings.js';
import { within } from './within.js';

const ANSWER_WITHIN_MS = 1_000;
const ASK = `SELECT current_setting('server_version_num')::integer AS version, to_regclass('migrations') IS NOT NULL AS has_migrations`;
const ASK_MIGRATION = `SELECT EXISTS (SELECT FROM migrations WHERE name = '${NEWEST_MIGRATION}') AS migrated`;

export interface ReadinessReport {
  status: 'ready' | 'not_ready';
  /** Why not. */
  cause?: 'closing' | 'database_unreachable' | 'database_not_migrated';
  /** What should be put right although requests are served. */
  warnings: string[];
}

@Injectable()
export class Readiness {
  constructor(
    private readonly database: Database,
    private readonly closing: Closing,
  ) {}

  async report(): Promise<ReadinessReport> {
    if (this.closing.hasBegun) return notReady('closing');
    const found = await within(ANSWER_WITHIN_MS, this.#ask());
    if (!found) return notReady('database_unreachable');
    const warnings = versionWarnings(found.version);
    return found.isMigrated ? { status: 'ready', warnings } : notReady('database_not_migrated', warnings);
  }

  async #ask(): Promise<{ version: number; isMigrated: boolean } | undefined> {
    try {
      const [server] = await this.database.ask<{ version: number; has_migrations: boolean }>(ASK);
      return server && { version: server.version, isMigrated: server.has_migrations && (await this.#isMigrated()) };
    } catch {
      return undefined; // whatever it was, the database cannot serve; requests that need it log why
    }
  }

  async #isMigrated(): Promise<boolean> {
    const [row] = await this.database.ask<{ migrated: boolean }>(ASK_MIGRATION);
    return row?.migrated === true;
  }
}

function notReady(cause: ReadinessReport['cause'], warnings: string[] = []): ReadinessReport {
  return { status: 'not_ready', cause, warnings };
}
