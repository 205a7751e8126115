import { url } from 'node:inspector';
import type { Surroundings } from './production-rules.js';

/** The only place that reads the environment, and the one variable that is set: the SDK must find no address of AWS by itself. */
export function surroundings(): Surroundings {
  process.env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'] = 'true';
  return { environment: process.env, nodeOptions: process.execArgv, inspectorUrl: url() };
}
