import { globSync, readFileSync } from 'node:fs';

const STATEMENT = /\bname: '([a-z0-9-]+)',\s*text:/g;

/** The names of all statements that stand in the service's sources. */
export function namedStatements(): string[] {
  const files = globSync('{libs,apps/{api,worker}}/**/src/**/*.ts').filter((file) => !/\.(spec|itest)\.ts$|\/testing\//.test(file));
  return files.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(STATEMENT)].map(([, name]) => name ?? '')).toSorted();
}
