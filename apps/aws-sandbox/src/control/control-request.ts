import { isRecord } from '../wire/shape.js';

/** A control request that cannot be obeyed; `message` tells its sender why. */
export class ControlRefusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const bad = (message: string): ControlRefusal => new ControlRefusal(400, message);

/** Reads one field of a control request; undefined when it was not sent. */
export type Field<T> = (value: unknown, name: string) => T | undefined;
type Fields = Readonly<Record<string, Field<unknown>>>;
type ReadFields<F extends Fields> = { [K in keyof F]?: F[K] extends Field<infer T> ? T : never };

/** @throws ControlRefusal for anything but an object of these fields */
export function readFields<F extends Fields>(fields: F, value: unknown, where = 'The body'): ReadFields<F> {
  if (!isRecord(value)) throw bad(`${where} has to be a JSON object.`);
  const unknown = Object.keys(value).find((name) => !Object.hasOwn(fields, name));
  if (unknown !== undefined)
    throw bad(`${where} has an unknown field '${unknown}'; known are: ${Object.keys(fields).join(', ') || 'none'}.`);
  const read = Object.entries(fields).map(([name, field]) => [name, value[name] === undefined ? undefined : field(value[name], name)]);
  return Object.fromEntries(read.filter(([, member]) => member !== undefined)) as ReadFields<F>;
}

export const textField =
  (pattern: RegExp): Field<string> =>
  (value, name) => {
    if (typeof value === 'string' && pattern.test(value)) return value;
    throw bad(`'${name}' has to be a text of the form ${pattern.source}.`);
  };

export const numberField =
  (min: number, max: number): Field<number> =>
  (value, name) => {
    if (typeof value === 'number' && value >= min && value <= max) return value;
    throw bad(`'${name}' has to be a number from ${min} to ${max}.`);
  };

export const integerField =
  (min: number, max: number): Field<number> =>
  (value, name) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
    throw bad(`'${name}' has to be an integer from ${min} to ${max}.`);
  };

export const flagField: Field<boolean> = (value, name) => {
  if (typeof value === 'boolean') return value;
  throw bad(`'${name}' has to be true or false.`);
};

export const choiceField =
  <const T extends string>(values: readonly T[]): Field<T> =>
  (value, name) => {
    const known = values.find((candidate) => candidate === value);
    if (known !== undefined) return known;
    throw bad(`'${name}' has to be one of: ${values.join(', ')}.`);
  };

export const objectField =
  <F extends Fields>(fields: F): Field<ReadFields<F>> =>
  (value, name) =>
    readFields(fields, value, `'${name}'`);

export function parseControlBody(body: Buffer): unknown {
  try {
    return body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
  } catch {
    throw bad('The body is no JSON.');
  }
}
