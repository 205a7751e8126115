import type { Logger } from 'pino';

/**
 * For what nobody caught, rejections included: the process ends as it would anyway, but through the log. Node itself prints the
 * whole error, and PostgreSQL's hold the values of rows.
 */
export function lastWords(log: Logger, exit = (code: number): void => process.exit(code)): (error: unknown) => void {
  return (err) => {
    log.fatal({ err }, 'ended by an error that nobody handled');
    exit(1);
  };
}
