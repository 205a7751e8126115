import { AwsQueryError } from '../wire/aws-query.js';

export interface AssumeRoleInput {
  roleArn: string;
  roleSessionName: string;
  externalId?: string;
  durationSeconds: number;
  policy?: string;
  sourceIdentity?: string;
}

interface Constraint {
  min: number;
  max: number;
  pattern: RegExp;
}

const CONSTRAINTS = {
  RoleArn: { min: 20, max: 2048, pattern: /^[\t\n\r\u0020-\u007E\u0085\u00A0-\uD7FF\uE000-\uFFFD]+$/ },
  RoleSessionName: { min: 2, max: 64, pattern: /^[\w+=,.@-]*$/ },
  ExternalId: { min: 2, max: 1224, pattern: /^[\w+=,.@:/-]*$/ },
  Policy: { min: 1, max: 2048, pattern: /^[\t\n\r\u0020-\u00FF]+$/ },
  SourceIdentity: { min: 2, max: 64, pattern: /^[\w+=,.@-]*$/ },
} as const satisfies Record<string, Constraint>;

export interface DurationRange {
  min: number;
  max: number;
  unsaid: number;
}

const DURATION_SECONDS: DurationRange = { min: 900, max: 43_200, unsaid: 3600 };
const READ = new Set(['Action', 'Version', 'DurationSeconds', ...Object.keys(CONSTRAINTS)]);

/** @throws AwsQueryError ValidationError listing every broken constraint, MalformedInput */
export function readAssumeRole(params: URLSearchParams): AssumeRoleInput {
  const unknown = [...params.keys()].find((name) => !READ.has(name));
  if (unknown !== undefined) throw validationError(`The sandbox does not support the parameter ${unknown} of AssumeRole.`);
  const faults: string[] = [];
  const read = (name: keyof typeof CONSTRAINTS) => constrained(params, name, CONSTRAINTS[name], faults);
  const input = {
    roleArn: present(read('RoleArn'), 'roleArn', faults),
    roleSessionName: present(read('RoleSessionName'), 'roleSessionName', faults),
    durationSeconds: readDuration(params, DURATION_SECONDS, faults),
    ...optional('externalId', read('ExternalId')),
    ...optional('policy', read('Policy')),
    ...optional('sourceIdentity', read('SourceIdentity')),
  };
  throwFaults(faults);
  return input;
}

/** @throws AwsQueryError ValidationError when there are any */
export function throwFaults(faults: readonly string[]): void {
  if (faults.length === 0) return;
  throw validationError(`${faults.length} validation error${faults.length > 1 ? 's' : ''} detected: ${faults.join('; ')}`);
}

export const validationError = (message: string): AwsQueryError => new AwsQueryError('ValidationError', 400, message);

/** The parameter, which has to be as the constraint says; what it breaks joins the faults. */
export function constrained(
  params: URLSearchParams,
  name: string,
  { min, max, pattern }: Constraint,
  faults: string[],
): string | undefined {
  const value = params.get(name);
  if (value === null) return undefined;
  const path = name.charAt(0).toLowerCase() + name.slice(1);
  const broken = (constraint: string) => faults.push(`Value '${value}' at '${path}' failed to satisfy constraint: ${constraint}`);
  if (value.length < min) broken(`Member must have length greater than or equal to ${min}`);
  if (value.length > max) broken(`Member must have length less than or equal to ${max}`);
  if (!pattern.test(value)) broken(`Member must satisfy regular expression pattern: ${pattern.source.replace(/^\^|\$$/g, '')}`);
  return value;
}

export function present(value: string | undefined, path: string, faults: string[]): string {
  if (value === undefined) faults.push(`Value null at '${path}' failed to satisfy constraint: Member must not be null`);
  return value ?? '';
}

const optional = <K extends string>(name: K, value: string | undefined): { [P in K]?: string } =>
  (value === undefined ? {} : { [name]: value }) as { [P in K]?: string };

const INT32_MAX = 2_147_483_647;

/** A sign and leading zeros are fine; white space, fractions, exponents and what 32 bits do not hold are not. */
export function readDuration(params: URLSearchParams, { min, max, unsaid }: DurationRange, faults: string[]): number {
  const text = params.get('DurationSeconds');
  if (text === null) return unsaid;
  const seconds = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
  if (Number.isNaN(seconds) || Math.abs(seconds) > INT32_MAX)
    throw new AwsQueryError('MalformedInput', 400, 'Invalid integer value for DurationSeconds');
  const broken = (constraint: string) => faults.push(`Value '${seconds}' at 'durationSeconds' failed to satisfy constraint: ${constraint}`);
  if (seconds < min) broken(`Member must have value greater than or equal to ${min}`);
  if (seconds > max) broken(`Member must have value less than or equal to ${max}`);
  return seconds;
}
