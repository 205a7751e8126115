import { type Logger, destination, pino, stdTimeFunctions } from 'pino';

/** JSON lines to standard output. Of an error only its name, code and frames: PostgreSQL's messages quote what rows hold. */
export function createLogger(level: string): Logger {
  return pino(
    {
      level,
      base: { app: 'worker' },
      timestamp: stdTimeFunctions.isoTime,
      serializers: { err: loggedError },
      formatters: { level: (label) => ({ level: label }) },
    },
    destination({ dest: 1, sync: true }),
  );
}

export function loggedError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { name: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return { name: error.name, ...('code' in error && { code: error.code }), stack: frames.join('\n') };
}
