import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { PROBLEMS } from '../../apps/api/src/http/problem.js';
import type { Needles } from '../harness/needles.js';
import { type ApiDocument, type Operation, type Schema, operationAt } from './api-document.js';
import { PLANTED } from './hostile-values.js';
import type { WireAnswer, WireRequest } from './wire.js';

const JSON_TYPE = 'application/json; charset=utf-8';
const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';
const PROBLEM: Schema = { $ref: '#/components/schemas/Problem' };
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What tells how the service is made: stacks, statements, files, errors of libraries. */
const INSIDES =
  /\n\s+at \S|node_modules|\.(?:js|ts):\d+|\/(?:libs|apps|dist|src)\/|\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM)\s+["\w.]+\s|violates \w+|pg_|ECONN|TypeError|RangeError|SyntaxError|Cannot read prop/;

/** Holds answers to what the document says of them. */
export class AnswerFaults {
  readonly #ajv = new Ajv2020({ strict: false, formats: { uuid: UUID } });
  readonly #validators = new Map<Schema, ValidateFunction>();

  constructor(
    private readonly document: ApiDocument,
    private readonly secrets: Needles,
  ) {
    const schemas = Object.fromEntries(Object.entries(document.schemas).map(([name, schema]) => [name, closed(schema)]));
    this.#ajv.addSchema({ $id: 'document', components: { schemas } });
  }

  /** What is wrong with an answer, in words; empty when all is as the document says. */
  in(request: WireRequest, { status, headers, body }: WireAnswer): string[] {
    const text = body.toString();
    const common = [
      ...(this.isServerError(request, status) ? [`a ${status}`] : []),
      ...this.secrets.in(body).map((secret) => `holds ${secret}`),
      ...(headers['cache-control'] === 'no-store' ? [] : ['may be stored by caches']),
    ];
    if (request.method === 'HEAD') return body.length === 0 ? common : [...common, 'a body for HEAD'];
    return [...common, ...this.#shapeFaults(request, status, headers, text)];
  }

  #shapeFaults(request: WireRequest, status: number, headers: WireAnswer['headers'], text: string): string[] {
    const operation = operationAt(this.document, request.method, pathOf(request.target));
    if (status < 400 || operation?.answers.has(String(status)))
      return this.#successFaults(operation, status, headers['content-type'], text);
    const ownFailure = operation?.answers.get('default')?.get('application/json');
    return ownFailure && headers['content-type'] === JSON_TYPE
      ? this.#invalid(ownFailure, text)
      : this.#problemFaults(status, headers, text);
  }

  /** One that the document does not name: that of readiness is an answer like any other. */
  isServerError({ method, target }: WireRequest, status: number): boolean {
    return status >= 500 && !operationAt(this.document, method, pathOf(target))?.answers.has(String(status));
  }

  #successFaults(operation: Operation | undefined, status: number, type: string | undefined, text: string): string[] {
    if (!operation) return [`${status} where the document has nothing`];
    const contents = operation.answers.get(String(status));
    if (!contents) return [`${status}, which the document does not name`];
    if (contents.size === 0) return text === '' && type === undefined ? [] : ['content where there is to be none'];
    if (type !== JSON_TYPE && contents.get(/^text\/[\w-]+(?=; charset=utf-8$)/.exec(type ?? '')?.[0] ?? '')?.['type'] === 'string')
      return [];
    const schema = contents.get('application/json');
    if (!schema || type !== JSON_TYPE) return [`content of the type ${type ?? 'none'}`];
    return this.#invalid(schema, text);
  }

  #problemFaults(status: number, headers: WireAnswer['headers'], text: string): string[] {
    if (headers['content-type'] !== PROBLEM_TYPE) return [`a problem of the type ${headers['content-type'] ?? 'none'}`];
    const invalid = this.#invalid(PROBLEM, text);
    if (invalid.length > 0) return invalid;
    const { code, type, requestId, ...said } = JSON.parse(text) as Record<string, unknown> & { code: string };
    const known = Object.entries(PROBLEMS).find(([name]) => name === code)?.[1];
    const claims: readonly (readonly [isTrue: boolean, otherwise: string])[] = [
      [known?.status === status && said['status'] === status && said['title'] === known.title, `${code} as ${status}`],
      [type === `urn:keyhold:problem:${code}`, `the type ${String(type)}`],
      [requestId === headers['x-request-id'], 'another request id in the body than in the header'],
      [(status === 401) === (headers['www-authenticate'] !== undefined), 'www-authenticate on another status than 401'],
      [!text.includes(PLANTED), 'repeats what was sent'],
      [!INSIDES.test(text), 'tells of the insides'],
    ];
    return claims.filter(([isTrue]) => !isTrue).map(([, otherwise]) => otherwise);
  }

  #invalid(schema: Schema, text: string): string[] {
    const value = parsed(text);
    if (value === undefined) return ['no JSON'];
    const validate = this.#validator(schema);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message = '', params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
  }

  #validator(schema: Schema): ValidateFunction {
    const known = this.#validators.get(schema);
    if (known) return known;
    const made = this.#ajv.compile(inDocument(closed(schema)) as object);
    this.#validators.set(schema, made);
    return made;
  }
}

/** Whether an operation can succeed at all in words of the document. Pages are for browsers, which come from somewhere. */
export const canSucceed = ({ answers }: Operation): boolean =>
  [...answers].some(([status, contents]) => /^[23]\d\d$/.test(status) && !contents.has('text/html'));

const pathOf = (target: string): string => target.replace(/^https?:\/\/[^/]*/, '').split(/[?#]/)[0] ?? '';

/** A copy in which objects hold nothing but what is described. */
function closed(schema: Schema): Schema {
  const parts = Object.entries(schema).map(([keyword, part]) => [keyword, closedPart(keyword, part)] as const);
  const isOpen = 'additionalProperties' in schema || !('properties' in schema);
  return { ...Object.fromEntries(parts), ...(!isOpen && { additionalProperties: false }) };
}

function closedPart(keyword: string, part: unknown): unknown {
  if (keyword === 'properties') return Object.fromEntries(Object.entries(part as object).map(([name, of]) => [name, closed(of as Schema)]));
  if (keyword === 'items' || (keyword === 'additionalProperties' && typeof part === 'object')) return closed(part as Schema);
  if (keyword === 'oneOf' || keyword === 'anyOf') return (part as Schema[]).map(closed);
  if (keyword === 'allOf' && (part as Schema[]).length > 1) throw new Error('answers of more than one schema are not understood');
  return keyword === 'allOf' ? (part as Schema[]).map(closed) : part;
}

/** A copy whose references lead into the document. */
function inDocument(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(inDocument);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, part]) => [key, key === '$ref' ? `document${part as string}` : inDocument(part)]),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
