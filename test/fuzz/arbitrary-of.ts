import fc, { type Arbitrary } from 'fast-check';
import type { Schema } from './api-document.js';

/** What says nothing about which values are valid. */
const ANNOTATIONS: readonly string[] = ['description', 'title', 'example', 'examples', 'default', 'deprecated', 'writeOnly', 'readOnly'];

/** What each keyword is understood with. A schema with any other keyword is refused: it would be fuzzed as if it were not there. */
const UNDERSTOOD: Readonly<Record<string, readonly string[]>> = {
  $ref: [],
  allOf: [],
  oneOf: [],
  anyOf: [],
  enum: ['type'],
  const: ['type'],
  string: ['type', 'minLength', 'maxLength', 'pattern', 'format'],
  number: ['type', 'minimum', 'maximum'],
  integer: ['type', 'minimum', 'maximum'],
  boolean: ['type'],
  null: ['type'],
  array: ['type', 'items', 'minItems', 'maxItems', 'uniqueItems'],
  object: ['type', 'properties', 'required', 'additionalProperties'],
};

/** Texts longer than this are left to the mutations: they are slow, and the first of them tells as much as the last. */
const TEXT_CHARS_MAX = 200;
const LIST_ENTRIES_MAX = 4;

/** Values for a field or parameter that no schema can describe, such as ids of what exists; undefined where its schema is all. */
export type StandIn = (name: string, schema: Schema) => Arbitrary<unknown> | undefined;

/** Bridges from schemas of one document to arbitraries of values that are valid by them. */
export class Arbitraries {
  constructor(
    private readonly schemas: Readonly<Record<string, Schema>>,
    private readonly standIn: StandIn = () => undefined,
  ) {}

  /** With `fields`, objects have all of these and no other. */
  of(schema: Schema, fields?: readonly string[]): Arbitrary<unknown> {
    const kind = kindOf(schema);
    refuseUnknownKeywords(kind, schema);
    if (kind === '$ref') return this.of(this.#referred(schema['$ref'] as string), fields);
    return this.#ofKind(kind, fields ? narrowed(schema, fields) : schema);
  }

  /** As `of`, or what stands in for a field of that name. */
  named(name: string, schema: Schema): Arbitrary<unknown> {
    return this.standIn(name, schema) ?? this.of(schema);
  }

  #ofKind(kind: string, schema: Schema): Arbitrary<unknown> {
    switch (kind) {
      case 'allOf':
        return this.of(onlyOne(schema['allOf'] as Schema[]));
      case 'oneOf':
      case 'anyOf':
        return fc.oneof(...(schema[kind] as Schema[]).map((one) => this.of(one)));
      case 'enum':
        return fc.constantFrom(...(schema['enum'] as unknown[]));
      case 'const':
        return fc.constant(schema['const']);
      case 'array':
        return this.#list(schema);
      case 'object':
        return this.#object(schema);
      case 'union':
        return fc.oneof(...(schema['type'] as string[]).map((type) => this.of({ ...schema, type })));
      default:
        return ofScalar(kind, schema);
    }
  }

  #referred(reference: string): Schema {
    const schema = this.schemas[reference.replace('#/components/schemas/', '')];
    if (!schema) throw new Error(`the document has no ${reference}`);
    return schema;
  }

  #list({ items = {}, minItems = 0, maxItems = LIST_ENTRIES_MAX, uniqueItems = false }: Schema): Arbitrary<unknown> {
    const bounds = {
      minLength: minItems as number,
      maxLength: Math.min(maxItems as number, Math.max(LIST_ENTRIES_MAX, minItems as number)),
    };
    const entries = this.of(items as Schema);
    return uniqueItems === true ? fc.uniqueArray(entries, { ...bounds, comparator: 'IsStrictlyEqual' }) : fc.array(entries, bounds);
  }

  #object({ properties = {}, required = [], additionalProperties }: Schema): Arbitrary<unknown> {
    const fields = Object.entries(properties as Record<string, Schema>).map(([name, schema]) => [name, this.named(name, schema)] as const);
    const known = fc.record(Object.fromEntries(fields), { requiredKeys: required as string[], noNullPrototype: true });
    if (additionalProperties === undefined || additionalProperties === false) return known;
    const values = additionalProperties === true ? fc.jsonValue({ maxDepth: 2 }) : this.of(additionalProperties as Schema);
    const more = fc.dictionary(fc.string(), values, { maxKeys: LIST_ENTRIES_MAX, noNullPrototype: true });
    return fc.tuple(more, known).map(([others, fields]) => ({ ...others, ...fields }));
  }
}

function narrowed({ properties = {}, ...schema }: Schema, fields: readonly string[]): Schema {
  const kept = Object.entries(properties as object).filter(([name]) => fields.includes(name));
  return { ...schema, properties: Object.fromEntries(kept), required: fields };
}

function kindOf(schema: Schema): string {
  const keyword = ['$ref', 'allOf', 'oneOf', 'anyOf', 'enum', 'const'].find((name) => name in schema);
  if (keyword !== undefined) return keyword;
  const { type = 'string' } = schema;
  return Array.isArray(type) ? 'union' : (type as string);
}

function refuseUnknownKeywords(kind: string, schema: Schema): void {
  if (kind === 'union') return; // each of its types is looked at
  const understood = [kind, ...(UNDERSTOOD[kind] ?? []), ...ANNOTATIONS];
  const unknown = Object.keys(schema).filter((keyword) => !understood.includes(keyword));
  if (!UNDERSTOOD[kind] || unknown.length > 0)
    throw new Error(`arbitrary-of.ts does not understand ${[...unknown, kind].join(', ')} in ${JSON.stringify(schema)}`);
}

function onlyOne(schemas: Schema[]): Schema {
  const [first, ...others] = schemas;
  if (!first || others.length > 0) throw new Error(`arbitrary-of.ts understands allOf of one schema only: ${JSON.stringify(schemas)}`);
  return first;
}

function ofScalar(kind: string, schema: Schema): Arbitrary<unknown> {
  const { minimum = -1000, maximum = 1_000_000 } = schema as { minimum?: number; maximum?: number };
  switch (kind) {
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'number': // the document says so of whole numbers too
    case 'integer':
      return fc.integer({ min: minimum, max: Math.max(minimum, maximum) });
    default:
      return ofText(schema);
  }
}

const FORMATS: Readonly<Record<string, () => Arbitrary<string>>> = {
  uuid: () => fc.uuid(),
  email: () => fc.emailAddress(),
  // nothing outside this machine is ever to be asked
  uri: () => fc.constantFrom('https://127.0.0.1:1/', 'http://127.0.0.1:1', 'https://127.0.0.1:1/a?b#c'),
  'date-time': () =>
    fc.date({ noInvalidDate: true, min: new Date('2020-01-01'), max: new Date('2060-01-01') }).map((date) => date.toISOString()),
};

function ofText(schema: Schema): Arbitrary<unknown> {
  const { format, pattern, minLength = 0, maxLength = TEXT_CHARS_MAX } = schema as TextSchema;
  if (format !== undefined) return formatted(format);
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern, 'u'));
  const bounds = { minLength, maxLength: Math.max(minLength, Math.min(maxLength, TEXT_CHARS_MAX)) };
  return fc.oneof({ weight: 3, arbitrary: fc.string(bounds) }, { weight: 1, arbitrary: fc.string({ ...bounds, unit: 'binary' }) });
}

interface TextSchema {
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
}

function formatted(format: string): Arbitrary<string> {
  const make = FORMATS[format];
  if (!make) throw new Error(`arbitrary-of.ts does not understand the format ${format}`);
  return make();
}
