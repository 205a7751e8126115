/** JSON Schema of draft 2020-12, as the document holds it. */
export type Schema = Readonly<Record<string, unknown>>;

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required?: boolean;
  schema: Schema;
}

export interface Operation {
  operationId: string;
  /** In upper case. */
  method: string;
  /** As the document writes it: `/v1/workspaces/{workspaceId}`. */
  path: string;
  parameters: readonly Parameter[];
  /** Of a JSON body; undefined when the operation takes none. */
  body: Schema | undefined;
  /** Schema of what is answered, by status and media type. A status without content has no media types. */
  answers: ReadonlyMap<string, ReadonlyMap<string, Schema>>;
  /** Whether it answers whoever asks. */
  isPublic: boolean;
}

/** As much as the fuzzer reads of the OpenAPI document. */
export interface ApiDocument {
  operations: readonly Operation[];
  schemas: Readonly<Record<string, Schema>>;
}

interface WrittenOperation {
  operationId: string;
  parameters?: Parameter[];
  requestBody?: { content: Content };
  responses: Record<string, { content?: Content }>;
  security?: object[];
}
type Content = Record<string, { schema: Schema }>;

export interface WrittenDocument {
  paths: Record<string, Record<string, WrittenOperation>>;
  components: { schemas: Record<string, Schema> };
}

export function apiDocument({ paths, components }: WrittenDocument): ApiDocument {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => operationOf(path, method, operation)),
  );
  return { operations, schemas: components.schemas };
}

function operationOf(
  path: string,
  method: string,
  { operationId, parameters, requestBody, responses, security }: WrittenOperation,
): Operation {
  return {
    operationId,
    method: method.toUpperCase(),
    path,
    parameters: parameters ?? [],
    body: requestBody?.content['application/json']?.schema,
    answers: new Map(Object.entries(responses).map(([status, { content }]) => [status, schemasIn(content)])),
    isPublic: (security ?? []).length === 0,
  };
}

const schemasIn = (content: Content = {}): ReadonlyMap<string, Schema> =>
  new Map(Object.entries(content).map(([type, { schema }]) => [type, schema]));

/** Paths whose clients are not ours to change: with as many slashes as they like. */
const AS_OTHERS_WRITE = /^\/+(?:cerberus\/.*)?v2\/+auth\/+sts-identity\/*$/;

/** The operation that a router would choose for a path: one that decodes, and matches letter by letter. */
export function operationAt({ operations }: ApiDocument, method: string, path: string): Operation | undefined {
  const segments = decoded(AS_OTHERS_WRITE.test(path) ? path.replaceAll(/\/+/g, '/').replace(/\/$/, '') : path)?.split('/');
  const candidates = operations.filter((operation) => operation.method === method && matches(operation.path.split('/'), segments));
  return candidates.toSorted((a, b) => parametersIn(a) - parametersIn(b))[0];
}

const matches = (template: string[], segments: string[] | undefined): boolean =>
  segments?.length === template.length &&
  template.every((part, at) => (part.startsWith('{') ? segments[at] !== '' : part === segments[at]));

const parametersIn = ({ path }: Operation): number => path.split('{').length;

/** Slashes and question marks that are encoded belong to a segment. */
function decoded(path: string): string | undefined {
  try {
    return decodeURI(path);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
