import { url } from 'node:inspector';

/** What the process was started with, besides its variables. */
export interface Surroundings {
  environment: NodeJS.ProcessEnv;
  /** Node's own arguments. */
  nodeOptions: readonly string[];
  /** Where a debugger can attach; undefined where none can. */
  inspectorUrl: string | undefined;
}

/** The only place that reads the environment, and the one variable that is set: the SDK must find no address of AWS by itself. */
export function surroundings(): Surroundings {
  process.env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] = 'true';
  return { environment: process.env, nodeOptions: process.execArgv, inspectorUrl: url() };
}
