import { type DestinationStream, type Logger, destination, pino, stdTimeFunctions } from 'pino';
import type { LogLevel } from '#settings';
import { safeError } from './safe-error.js';

/** Every field that a line may carry. Any other is left out: what must not be logged need not be known beforehand. */
const FIELDS: ReadonlySet<string> = new Set([
  'app',
  'code',
  'context',
  'count',
  'err',
  'method',
  'ms',
  'principalId',
  'problems',
  'requestId',
  'route',
  'signal',
  'status',
  'url',
  'version',
  'workspaceId',
]);

const BATCH_BYTES = 4096;
const HELD_BACK_MS_MAX = 100;

/** JSON lines to standard output, or to `stream`. Messages are constants; what varies stands in fields of the list above. */
export function createLogger(app: string, level: LogLevel, stream: DestinationStream = standardOutput()): Logger {
  return pino(
    {
      level,
      base: { app },
      timestamp: stdTimeFunctions.isoTime,
      serializers: { err: (error: unknown) => safeError(error) },
      formatters: { level: (label) => ({ level: label }), log: knownFields },
    },
    stream,
  );
}

function knownFields(line: Record<string, unknown>): Record<string, unknown> {
  for (const name in line)
    if (!FIELDS.has(name))
      return Object.fromEntries(Object.entries(line).map(([key, value]) => [key, FIELDS.has(key) ? value : '[not logged]']));
  return line;
}

/** Lines leave together: a write for each one costs as much as all the rest of it. What is held back is written when the process exits. */
function standardOutput(): DestinationStream {
  const stream = destination({ dest: 1, sync: false, minLength: BATCH_BYTES });
  setInterval(() => {
    stream.flush();
  }, HELD_BACK_MS_MAX).unref();
  return stream;
}
