import type { ChildProcess } from 'node:child_process';

export interface PostgresOptions {
  /** Where its data lasts; without it the data goes when the server stops. */
  dir?: string;
  port?: number;
  settings?: Record<string, string | number>;
  /** The superuser's; an existing data folder keeps the one it was made with. */
  password?: string;
  onLog?: (text: string) => void;
}

export interface RunningPostgres {
  child: ChildProcess;
  port: number;
  pid: number | undefined;
  url: string;
  /** The last of what the server logged. */
  log: () => string;
  stop(): Promise<void>;
}

export declare function startPostgres(options?: PostgresOptions): Promise<RunningPostgres>;
export declare function endLeftOverServer(dir: string): Promise<void>;
export declare function freePort(): Promise<number>;
