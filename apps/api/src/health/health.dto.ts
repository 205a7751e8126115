export class Liveness {
  status: 'live';
}

export class ReadinessView {
  status: 'ready' | 'not_ready';
  /** Why not. */
  cause?: 'closing' | 'database_unreachable' | 'database_not_migrated';
  /** What should be put right although requests are served. */
  warnings: string[];
}
