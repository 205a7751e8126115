/** The variable of a property: `mainRegion` is KEYHOLD_MAIN_REGION. */
export const variableOf = (property: string): string => `KEYHOLD_${property.replace(/[A-Z]/g, '_$&').toUpperCase()}`;

/** The property of a variable; the inverse of `variableOf`. */
export const propertyOf = (variable: string): string =>
  variable
    .slice('KEYHOLD_'.length)
    .toLowerCase()
    .replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Belong to other processes of the same installation, which may share one environment. */
const OF_OTHERS: ReadonlySet<string> = new Set([
  'KEYHOLD_DATA_DIR',
  'KEYHOLD_PG_PORT',
  'KEYHOLD_SANDBOX_PORT',
  'KEYHOLD_WORKER_METRICS_PORT',
  'KEYHOLD_DATABASE_OWNER_URL',
]);

/** What stands in our variables, by property. An empty variable is one that is not set. */
export function ownVariables(environment: NodeJS.ProcessEnv): Record<string, string> {
  const own = Object.entries(environment).filter(([name, value]) => name.startsWith('KEYHOLD_') && !OF_OTHERS.has(name) && value);
  return Object.fromEntries(own.map(([name, value]) => [propertyOf(name), value ?? '']));
}
