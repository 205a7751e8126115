import { AwsJsonError } from './aws-json.js';

/** One member of a request: reads its JSON value, adds the constraints that it breaks to `faults`. */
export type Member<T> = (value: unknown, name: string, faults: string[]) => T;
export type Shape = Readonly<Record<string, Member<unknown>>>;
/** What a request of this shape reads as. */
export type Read<S extends Shape> = { readonly [K in keyof S]: S[K] extends Member<infer T> ? T : never };

interface Length {
  min?: number;
  max: number;
  pattern?: RegExp;
}

/**
 * Reads a request body by its shape.
 * @throws AwsJsonError SerializationException for a wrong JSON type or an unknown member, ValidationException listing all broken constraints
 */
export function readShape<S extends Shape>(shape: S, body: Readonly<Record<string, unknown>>): Read<S> {
  const unknown = Object.keys(body).find((name) => !Object.hasOwn(shape, name));
  if (unknown !== undefined) throw serialization(`The sandbox knows no member '${unknown}' of this request.`);
  const faults: string[] = [];
  const entries = Object.entries(shape).map(([name, member]) => [name, member(body[name] ?? undefined, memberPath(name), faults)]);
  if (faults.length > 0)
    throw validation(`${faults.length} validation error${faults.length > 1 ? 's' : ''} detected: ${faults.join('; ')}`);
  return Object.fromEntries(entries) as Read<S>;
}

export const validation = (text: string): AwsJsonError => new AwsJsonError('ValidationException', text);
const serialization = (text: string): AwsJsonError => new AwsJsonError('SerializationException', text);

const memberPath = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

export function required<T>(member: Member<T | undefined>): Member<T> {
  return (value, name, faults) => {
    const read = member(value, name, faults);
    if (read === undefined) faults.push(`Value null at '${name}' failed to satisfy constraint: Member must not be null`);
    return read as T; // a fault keeps the caller from ever seeing undefined
  };
}

export function text({ min = 0, max, pattern }: Length): Member<string | undefined> {
  return (value, name, faults) => {
    if (value === undefined) return undefined;
    if (typeof value !== 'string') throw serialization(`Expected a string at '${name}'.`);
    const broken = (constraint: string) => faults.push(`Value '${value}' at '${name}' failed to satisfy constraint: ${constraint}`);
    checkLength(value.length, min, max, broken);
    if (pattern && !pattern.test(value)) broken(`Member must satisfy regular expression pattern: ${pattern.source}`);
    return value;
  };
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The value is never repeated in the refusal: it may be a plaintext. */
export function blob({ min = 0, max }: Length): Member<Buffer | undefined> {
  return (value, name, faults) => {
    if (value === undefined) return undefined;
    if (typeof value !== 'string' || !BASE64.test(value)) throw serialization(`Expected base64 at '${name}'.`);
    const bytes = Buffer.from(value, 'base64');
    checkLength(bytes.length, min, max, (constraint) => faults.push(`Value at '${name}' failed to satisfy constraint: ${constraint}`));
    return bytes;
  };
}

function checkLength(length: number, min: number, max: number, broken: (constraint: string) => void): void {
  if (length < min) broken(`Member must have length greater than or equal to ${min}`);
  if (length > max) broken(`Member must have length less than or equal to ${max}`);
}

export function flag(): Member<boolean | undefined> {
  return (value, name) => {
    if (value === undefined || typeof value === 'boolean') return value;
    throw serialization(`Expected true or false at '${name}'.`);
  };
}

export function integer(min: number, max: number): Member<number | undefined> {
  return (value, name, faults) => {
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isInteger(value)) throw serialization(`Expected an integer at '${name}'.`);
    const broken = (constraint: string) => faults.push(`Value '${value}' at '${name}' failed to satisfy constraint: ${constraint}`);
    if (value < min) broken(`Member must have value greater than or equal to ${min}`);
    if (value > max) broken(`Member must have value less than or equal to ${max}`);
    return value;
  };
}

export function oneOf<const T extends string>(values: readonly T[]): Member<T | undefined> {
  return (value, name, faults) => {
    if (value === undefined) return undefined;
    if (typeof value !== 'string') throw serialization(`Expected a string at '${name}'.`);
    const known = values.find((candidate) => candidate === value);
    if (known === undefined) {
      faults.push(`Value '${value}' at '${name}' failed to satisfy constraint: Member must satisfy enum value set: [${values.join(', ')}]`);
    }
    return known;
  };
}

/** Seconds since the epoch, as AWS's JSON protocol writes times. @returns ms */
export function timestamp(): Member<number | undefined> {
  return (value, name) => {
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || !Number.isFinite(value)) throw serialization(`Expected epoch seconds at '${name}'.`);
    return value * 1000;
  };
}

export function stringMap(): Member<Readonly<Record<string, string>> | undefined> {
  return (value, name) => {
    if (value === undefined) return undefined;
    if (!isRecord(value) || !Object.values(value).every((entry) => typeof entry === 'string')) {
      throw serialization(`Expected a map of strings at '${name}'.`);
    }
    return value as Readonly<Record<string, string>>;
  };
}

export function listOf<T>(element: Member<T | undefined>, max: number): Member<readonly T[] | undefined> {
  return (value, name, faults) => {
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw serialization(`Expected a list at '${name}'.`);
    if (value.length > max)
      faults.push(`Value at '${name}' failed to satisfy constraint: Member must have length less than or equal to ${max}`);
    return value.map((entry: unknown, index) => required(element)(entry ?? undefined, `${name}.${index + 1}.member`, faults));
  };
}

export function structure<S extends Shape>(shape: S): Member<Read<S> | undefined> {
  return (value, name, faults) => {
    if (value === undefined) return undefined;
    if (!isRecord(value)) throw serialization(`Expected a structure at '${name}'.`);
    const read = Object.entries(shape).map(([member, reader]) => [
      member,
      reader(value[member] ?? undefined, `${name}.${memberPath(member)}`, faults),
    ]);
    return Object.fromEntries(read) as Read<S>;
  };
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
