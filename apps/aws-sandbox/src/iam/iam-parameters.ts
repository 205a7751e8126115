import { AwsQueryError } from '../wire/aws-query.js';

const invalid = (constraint: string): AwsQueryError =>
  new AwsQueryError('ValidationError', 400, `1 validation error detected: Value at ${constraint}`);

/** `RoleName` is `roleName` in the texts of IAM's validation. */
const member = (name: string): string => `'${name.charAt(0).toLowerCase()}${name.slice(1)}'`;

export function requiredText(params: URLSearchParams, name: string, maxLength: number): string {
  const value = optionalText(params, name, maxLength);
  if (value === undefined) throw invalid(`${member(name)} failed to satisfy constraint: Member must not be null`);
  return value;
}

export function optionalText(params: URLSearchParams, name: string, maxLength: number): string | undefined {
  const value = params.get(name) ?? undefined;
  if (value === '') throw invalid(`${member(name)} failed to satisfy constraint: Member must have length greater than or equal to 1`);
  if (value === undefined || value.length <= maxLength) return value;
  throw invalid(`${member(name)} failed to satisfy constraint: Member must have length less than or equal to ${maxLength}`);
}

export function requiredName(params: URLSearchParams, name: string, maxLength: number): string {
  return checkName(name, requiredText(params, name, maxLength));
}

export function optionalName(params: URLSearchParams, name: string, maxLength: number): string | undefined {
  const value = optionalText(params, name, maxLength);
  return value === undefined ? undefined : checkName(name, value);
}

function checkName(name: string, value: string): string {
  if (/^[\w+=,.@-]+$/.test(value)) return value;
  throw new AwsQueryError(
    'ValidationError',
    400,
    `The specified value for ${member(name).slice(1, -1)} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`,
  );
}

export function pathParameter(params: URLSearchParams): string {
  const path = optionalText(params, 'Path', 512) ?? '/';
  if (/^\/(?:[\x21-\x2e\x30-\x7e]+\/)*$/.test(path)) return path;
  throw new AwsQueryError(
    'ValidationError',
    400,
    'The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.',
  );
}

export function integerParameter(params: URLSearchParams, name: string, range: { min: number; max: number; fallback: number }): number {
  const text = params.get(name);
  if (text === null) return range.fallback;
  if (!/^[+-]?\d{1,9}$/.test(text)) throw new AwsQueryError('MalformedInput', 400, '');
  const value = Number(text);
  if (value < range.min)
    throw invalid(`${member(name)} failed to satisfy constraint: Member must have value greater than or equal to ${range.min}`);
  if (value > range.max)
    throw invalid(`${member(name)} failed to satisfy constraint: Member must have value less than or equal to ${range.max}`);
  return value;
}

export function refuseStrangeParameters(params: URLSearchParams, known: readonly string[]): void {
  const strange = [...params.keys()].find((name) => name !== 'Action' && name !== 'Version' && !known.includes(name));
  if (strange !== undefined) throw new AwsQueryError('ValidationError', 400, `The sandbox does not support the parameter ${strange}.`);
}
