import fc, { type Arbitrary } from 'fast-check';
import type { ApiDocument, Operation, Parameter } from './api-document.js';
import { Arbitraries } from './arbitrary-of.js';
import { FromWorld } from './from-world.js';
import { type Mutation, mutationsOf } from './mutations.js';

/** A request before anything in it is looked up in the running service. Mutations give changed copies. */
export interface RequestPlan {
  operation: Operation;
  method: string;
  /** Values by the name of the parameter. */
  path: Readonly<Record<string, unknown>>;
  query: readonly (readonly [name: string, value: unknown])[];
  headers: readonly (readonly [name: string, value: unknown])[];
  /** By its name in the world. */
  credential: string;
  /** JSON; undefined for no body. */
  body: unknown;
  /** Which of the world's things is meant, of as many as there are. */
  nth: number;
  /** What happens to the path and to the body once they are text. */
  rewritePath: readonly ((path: string) => string)[];
  rewriteBody: readonly ((text: string) => string | Buffer)[];
}

/** A plan and how it was made worse; what is shrunk when it is answered wrongly. */
export class MutatedPlan {
  readonly plan: RequestPlan;

  constructor(
    readonly original: RequestPlan,
    readonly mutations: readonly Mutation[],
  ) {
    this.plan = mutations.reduce((plan, mutation) => mutation.apply(plan), original);
  }

  [fc.toStringMethod](): string {
    return [this.plan.operation.operationId, ...this.mutations.map(({ name }) => name)].join(' + ');
  }
}

const MUTATIONS_MAX = 2;

/** What the plans of a run are drawn from. */
export interface PlanSource {
  document: ApiDocument;
  /** What stands for a field or parameter of an operation in a request that may succeed; undefined when its schema says all. */
  standsFor(operation: Operation, field: string): FromWorld | undefined;
  /** The only fields that a body that may succeed has; undefined when its schema tells. */
  bodyFields(operation: Operation): readonly string[] | undefined;
  /** Names of credentials with which an operation may succeed. */
  credentialsFor(operation: Operation): readonly string[];
  /** Names of credentials with which it may be tried besides, good and bad. */
  otherCredentials(operation: Operation): readonly string[];
}

/** Requests to all operations in equal parts, valid ones and mutated ones in about equal parts. */
export function requestPlans(source: PlanSource): Arbitrary<MutatedPlan> {
  return fc.oneof(...source.document.operations.map((operation) => plansOf(operation, source)));
}

function plansOf(operation: Operation, source: PlanSource): Arbitrary<MutatedPlan> {
  const mutations = fc.oneof(fc.constant([]), fc.array(mutationsOf(operation, source), { minLength: 1, maxLength: MUTATIONS_MAX }));
  return fc.tuple(validPlans(operation, source), mutations).map(([plan, applied]) => new MutatedPlan(plan, applied));
}

function validPlans(operation: Operation, source: PlanSource): Arbitrary<RequestPlan> {
  const values = new Arbitraries(source.document.schemas, (field) => standIn(operation, field, source));
  const parameters = (place: Parameter['in']) => operation.parameters.filter((parameter) => parameter.in === place);
  return fc.record({
    operation: fc.constant(operation),
    method: fc.constant(operation.method),
    path: fc.constant(
      Object.fromEntries(parameters('path').map(({ name }) => [name, source.standsFor(operation, name) ?? new FromWorld(name)])),
    ),
    query: someOf(parameters('query'), values),
    headers: someOf(
      parameters('header').filter(({ name }) => !name.startsWith('x-amz-')), // a credential's own
      values,
    ),
    credential: fc.constantFrom(...source.credentialsFor(operation)),
    body: operation.body ? values.of(operation.body, source.bodyFields(operation)) : fc.constant(undefined),
    nth: fc.nat(),
    rewritePath: fc.constant([]),
    rewriteBody: fc.constant([]),
  });
}

const DAY_MS = 86_400_000;

/** What no schema tells, by the name of the field. */
const BY_NAME: readonly (readonly [name: RegExp, values: Arbitrary<unknown>])[] = [
  [/email$/i, fc.stringMatching(/^[a-z]{12}$/).map((name) => `${name}@fuzz.example`)],
  [/^version$/, fc.integer({ min: 1, max: 2 })],
  [/^boxIds$/, fc.constant([new FromWorld('boxId')])],
  [/^expiresAt$/, fc.integer({ min: 1, max: 1_000 }).map((days) => new Date(Date.now() + days * DAY_MS).toISOString())],
  [/^(?:from|to)$/, fc.constantFrom('2026-01-31T12:00:00Z', '2090-01-01T00:00:00.5+02:00')],
  [/^returnTo$/, fc.constantFrom('/', '/boxes', '/boxes?x=1#y')],
];

function standIn(operation: Operation, field: string, source: PlanSource): Arbitrary<unknown> | undefined {
  const known = source.standsFor(operation, field);
  return known ? fc.constant(known) : BY_NAME.find(([name]) => name.test(field))?.[1];
}

/** Required parameters, and each other one in one of four requests. */
function someOf(parameters: readonly Parameter[], values: Arbitraries): Arbitrary<[string, unknown][]> {
  const each = parameters.map(({ name, required = false, schema }) => {
    const given = values.named(name, schema).map((value): [string, unknown][] => [[name, value]]);
    return required ? given : fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: given });
  });
  return fc.tuple(...each).map((lists) => lists.flat());
}
