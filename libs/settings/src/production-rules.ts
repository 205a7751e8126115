import type { StaticCredentials } from '#aws';
import type { Surroundings } from './surroundings.js';
import { variableOf } from './variables.js';

/** What the rules look at in every process. */
export interface Checked {
  awsEndpoint: string | undefined;
  rootKey: Buffer | undefined;
  awsCredentials: StaticCredentials | undefined;
  /** URLs of the database, by property. */
  databaseUrls: Readonly<Record<string, string | undefined>>;
}

export const isProduction = ({ environment }: Surroundings): boolean => environment['NODE_ENV'] === 'production';

const OPENS_MEMORY = /^--(?:inspect|debug|heapsnapshot|heap-prof|report-on)/;
const EXAMPLE_PASSWORDS: ReadonlySet<string> = new Set([
  '',
  'keyhold',
  'keyhold_app',
  'keyhold_worker',
  'postgres',
  'password',
  'secret',
  'example',
  'changeme',
  'app',
]);

/** Sentences that say why a production process must not start like this. */
export function productionProblems(surroundings: Surroundings, checked: Checked): string[] {
  if (!isProduction(surroundings)) return [];
  return [...addressProblems(surroundings, checked), ...memoryProblems(surroundings), ...exampleProblems(checked)];
}

function addressProblems({ environment }: Surroundings, { awsEndpoint }: Checked): string[] {
  const redirecting = Object.keys(environment).filter((name) => name.startsWith('AWS_ENDPOINT_URL'));
  if (awsEndpoint !== undefined) redirecting.push('KEYHOLD_AWS_ENDPOINT');
  return redirecting.map((name) => `${name} would send AWS requests elsewhere: remove it in production.`);
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

function exampleProblems({ rootKey, databaseUrls, awsCredentials }: Checked): string[] {
  const exampleUrls = Object.entries(databaseUrls).filter(([, url]) => url !== undefined && hasExamplePassword(url));
  return [
    ...(rootKey && isPattern(rootKey) ? ['The root key is an example: make one with openssl rand 32.'] : []),
    ...exampleUrls.map(([property]) => `The password in ${variableOf(property)} is missing or an example: give the role one of its own.`),
    ...(awsCredentials?.accessKeyId.endsWith('EXAMPLE') ? ['KEYHOLD_AWS_ACCESS_KEY_ID is the example of AWS: use a key of your own.'] : []),
  ];
}

const hasExamplePassword = (url: string): boolean => EXAMPLE_PASSWORDS.has(decodeURIComponent(new URL(url).password));

/** 32 random bytes have at least 16 different values, but for one time in 10^11; a key made up by hand seldom does. */
const isPattern = (key: Buffer): boolean => new Set(key).size < 16;
