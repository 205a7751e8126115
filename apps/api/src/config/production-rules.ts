import type { Config } from './config.js';
import type { Secrets } from './secrets.js';

/** What the process was started with, besides its variables. */
export interface Surroundings {
  environment: NodeJS.ProcessEnv;
  /** Node's own arguments. */
  nodeOptions: readonly string[];
  /** Where a debugger can attach; undefined where none can. */
  inspectorUrl: string | undefined;
}

const OPENS_MEMORY = /^--(?:inspect|debug|heapsnapshot|heap-prof|report-on)/;
const EXAMPLE_PASSWORDS: ReadonlySet<string> = new Set([
  '',
  'keyhold',
  'keyhold_app',
  'postgres',
  'password',
  'secret',
  'example',
  'changeme',
  'app',
]);

/** Sentences that say why a production process must not start like this. */
export function productionProblems(surroundings: Surroundings, config: Config, secrets: Secrets | undefined): string[] {
  if (surroundings.environment['NODE_ENV'] !== 'production') return [];
  return [...addressProblems(surroundings, config), ...memoryProblems(surroundings), ...(secrets ? exampleProblems(secrets) : [])];
}

function addressProblems({ environment }: Surroundings, config: Config): string[] {
  const redirecting = Object.keys(environment).filter((name) => name.startsWith('AWS_ENDPOINT_URL'));
  if (config.awsEndpoint !== undefined) redirecting.push('KEYHOLD_AWS_ENDPOINT');
  return [
    ...redirecting.map((name) => `${name} would send AWS requests elsewhere: remove it in production.`),
    ...(config.publicUrl?.startsWith('https://')
      ? []
      : ['KEYHOLD_PUBLIC_URL must be the https address at which browsers reach this service in production.']),
  ];
}

/** A debugger, a heap snapshot or a profile shows every key and payload in memory. */
function memoryProblems({ environment, nodeOptions, inspectorUrl }: Surroundings): string[] {
  const options = [...nodeOptions, ...(environment['NODE_OPTIONS'] ?? '').split(/\s+/)];
  const opening = options.filter((option) => OPENS_MEMORY.test(option)).map((option) => option.replace(/=.*/, ''));
  return [
    ...opening.map((option) => `Node's option ${option} shows what is in memory: remove it in production.`),
    ...(inspectorUrl === undefined ? [] : ['A debugger can attach to this process: start it without an inspector port in production.']),
    ...(options.includes('--disable-sigusr1')
      ? []
      : ['A signal could open an inspector port: start Node with --disable-sigusr1 in production.']),
  ];
}

function exampleProblems({ rootKey, databaseUrl, awsCredentials }: Secrets): string[] {
  return [
    ...(isPattern(rootKey) ? ['The root key is an example: make one with openssl rand 32.'] : []),
    ...(EXAMPLE_PASSWORDS.has(decodeURIComponent(new URL(databaseUrl).password))
      ? ['The password in KEYHOLD_DATABASE_URL is missing or an example: give the role keyhold_app one of its own.']
      : []),
    ...(awsCredentials?.accessKeyId.endsWith('EXAMPLE') ? ['KEYHOLD_AWS_ACCESS_KEY_ID is the example of AWS: use a key of your own.'] : []),
  ];
}

/** 32 random bytes have at least 16 different values, but for one time in 10^11; a key made up by hand seldom does. */
const isPattern = (key: Buffer): boolean => new Set(key).size < 16;
