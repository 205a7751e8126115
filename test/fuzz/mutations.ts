import fc, { type Arbitrary } from 'fast-check';
import type { Operation } from './api-document.js';
import { FromWorld, type Whose } from './from-world.js';
import { HOSTILE_VALUES, PLANTED, boundaryValues } from './hostile-values.js';
import { type Place, extended, placesIn, replaced, without } from './json-places.js';
import { PATH_REWRITES } from './path-rewrites.js';
import type { PlanSource, RequestPlan } from './request-plan.js';

/** One way to make a request worse. */
export interface Mutation {
  name: string;
  apply(plan: RequestPlan): RequestPlan;
}

type Change = (plan: RequestPlan) => RequestPlan;
const mutation = (name: string, apply: Change): Mutation => ({ name, apply });

/** What an operation's requests can suffer. */
export function mutationsOf(operation: Operation, source: PlanSource): Arbitrary<Mutation> {
  const values = fc.constantFrom(...HOSTILE_VALUES, ...boundaryValues(source.document));
  const kinds = [
    otherCredential(operation, source),
    otherMethod,
    otherPath,
    otherIdempotencyKey,
    otherHeader,
    otherQuery(operation, values),
  ];
  const ofPath = operation.path.includes('{') ? [otherParameter(operation, values)] : [];
  const ofBody = operation.body ? [otherField(values), otherField(values), otherText, otherType] : [unwantedBody];
  return fc.oneof(...kinds, ...ofPath, ...ofBody);
}

const otherCredential = (operation: Operation, source: PlanSource): Arbitrary<Mutation> =>
  fc
    .constantFrom(...source.otherCredentials(operation))
    .map((credential) => mutation(`credential ${credential}`, (plan) => ({ ...plan, credential })));

const otherMethod = fc
  .constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND')
  .map((method) => mutation(`method ${method}`, (plan) => ({ ...plan, method })));

const otherPath = fc
  .constantFrom(...PATH_REWRITES)
  .map(({ name, rewrite }) => mutation(`path ${name}`, (plan) => ({ ...plan, rewritePath: [...plan.rewritePath, rewrite] })));

/** Few keys, so that they are used again, for the same and for other requests. */
const IDEMPOTENCY_KEYS = [...Array.from({ length: 20 }, (_, n) => `key-${n}`), '', ' ', 'k'.repeat(255), 'k'.repeat(256), 'é', 'a b'];
const otherIdempotencyKey = withHeader('idempotency-key', IDEMPOTENCY_KEYS);

const HEADERS: Readonly<Record<string, readonly string[]>> = {
  'x-forwarded-for': ['127.0.0.1', `${PLANTED}, ::1`, '999.1.1.1', ','.repeat(500)],
  'x-forwarded-proto': ['https', PLANTED],
  'x-forwarded-host': ['evil.example'],
  'x-http-method-override': ['DELETE'],
  'x-original-url': ['/health/live'],
  'x-request-id': [PLANTED, '', 'x'.repeat(5_000)],
  'content-encoding': ['gzip', 'identity', PLANTED],
  accept: ['text/html', 'application/xml', '*/*;q=0', PLANTED],
  'accept-encoding': ['gzip, br', PLANTED],
  'if-none-match': ['*', PLANTED],
  range: ['bytes=0-1', 'bytes=-1'],
  origin: ['https://evil.example', 'null'],
  'sec-fetch-site': ['cross-site', 'same-origin', PLANTED],
  'x-csrf-token': ['', PLANTED, 'x'.repeat(5_000)],
  cookie: ['__Host-keyhold-session=', `__Host-keyhold-session=${PLANTED}`, 'a'.repeat(5_000), '=;=;=', '__proto__=1'],
  expect: ['100-continue', PLANTED],
  upgrade: ['h2c', 'websocket'],
  authorization: ['Bearer', 'Bearer a b', 'Basic a2V5aG9sZDp4', `Bearer ${PLANTED}`, `Bearer ${'k'.repeat(5_000)}`, 'é'],
  'x-api-key': ['', PLANTED, 'k'.repeat(5_000)],
  host: ['evil.example', 'a'.repeat(3_000), '[::1]:1', '@'],
};
const otherHeader = fc.oneof(...Object.entries(HEADERS).map(([name, values]) => withHeader(name, values)));

function withHeader(name: string, values: readonly string[]): Arbitrary<Mutation> {
  return fc
    .constantFrom(...values)
    .map((value) => mutation(`header ${name}: ${value.slice(0, 40)}`, (plan) => ({ ...plan, headers: [...plan.headers, [name, value]] })));
}

function otherQuery({ parameters }: Operation, values: Arbitrary<unknown>): Arbitrary<Mutation> {
  const known = parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
  const names = fc.constantFrom(...known, ...known, 'workspaceId', '__proto__', 'constructor[prototype]', 'a[b]', 'limit', '');
  return fc
    .tuple(names, values)
    .map(([name, value]) => mutation(`query ${name}`, (plan) => ({ ...plan, query: [...plan.query, [name, value]] })));
}

const WHOSE_ELSE: readonly Whose[] = ['another', 'foreign', 'gone'];

function otherParameter({ path }: Operation, values: Arbitrary<unknown>): Arbitrary<Mutation> {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  const kinds = fc.oneof(fc.constantFrom(...WHOSE_ELSE), values);
  return fc
    .tuple(fc.constantFrom(...names), kinds)
    .map(([name, kind]) =>
      mutation(`parameter ${name}`, (plan) => ({ ...plan, path: { ...plan.path, [name]: otherThan(plan.path[name], kind) } })),
    );
}

/** The same kind of thing of somebody else, where a value stands for a thing. */
const otherThan = (value: unknown, kind: unknown): unknown =>
  value instanceof FromWorld && WHOSE_ELSE.includes(kind as Whose) ? new FromWorld(value.name, kind as Whose) : kind;

function otherField(values: Arbitrary<unknown>): Arbitrary<Mutation> {
  const somewhere = fc.nat({ max: 10_000 });
  const kinds = fc.oneof(fc.constantFrom<unknown>(...WHOSE_ELSE), values, values);
  return fc.oneof(
    fc
      .tuple(somewhere, kinds)
      .map(([nth, kind]) => onBody('value', nth, (body, place, was) => replaced(body, place, otherThan(was, kind)))),
    somewhere.map((nth) => onBody('missing', nth, (body, place) => without(body, place))),
    fc
      .tuple(
        somewhere,
        fc.constantFrom('extra', '__proto__', 'constructor', 'toString', 'id', 'workspaceId', 'role', 'status', 'a.b', ''),
        values,
      )
      .map(([nth, name, value]) => onBody(`extra ${name}`, nth, (body, place) => extended(body, place, name, value))),
    somewhere.map((nth) => onBody('in a list', nth, (body, place, was) => replaced(body, place, [was]))),
  );
}

function onBody(name: string, nth: number, change: (body: unknown, place: Place, was: unknown) => unknown): Mutation {
  return mutation(`body ${name}`, (plan) => {
    const places = placesIn(plan.body);
    const place = places[nth % places.length] ?? [];
    return { ...plan, body: change(plan.body, place, valueAt(plan.body, place)) };
  });
}

const valueAt = (value: unknown, place: Place): unknown =>
  place.reduce<unknown>((within, key) => (within as Record<string | number, unknown>)[key], value);

/** What no JSON value can be made to say. */
const TEXTS: Readonly<Record<string, (text: string) => string | Buffer>> = {
  'first field again': (text) => text.replace(/^\{("[^"]*":)/, '{$1null,$1'),
  'prototype of its own': (text) => text.replace(/^\{/, '{"__proto__":{"admin":true},'),
  'escaped prototype': (text) => text.replace(/^\{/, '{"\\u005f_proto__":{"admin":true},'),
  'ten thousand levels': () => '['.repeat(10_000) + ']'.repeat(10_000),
  'levels without end': () => '{"a":'.repeat(10_000),
  'number beyond a double': (text) => text.replace(/:(\d+|"[^"]*")/, ':1e999'),
  'number that a double changes': (text) => text.replace(/:(\d+|"[^"]*")/, ':12345678901234567890'),
  'number of many digits': (text) => text.replace(/:(\d+|"[^"]*")/, `:${'9'.repeat(5_000)}`),
  'half a surrogate pair': (text) => text.replace(/":"/, '":"\\ud800'),
  'NUL as it is': (text) => text.replace(/":"/, '":"\u0000'),
  'tab as it is': (text) => text.replace(/":"/, '":"\t'),
  'byte order mark': (text) => `\ufeff${text}`,
  'bytes that are no UTF-8': (text) => Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xff, 0xc0, 0x80]), Buffer.from('}')]),
  'overlong slash': (text) => Buffer.concat([Buffer.from(text.slice(0, 2)), Buffer.from([0xc0, 0xaf]), Buffer.from(text.slice(2))]),
  'UTF-16': (text) => Buffer.from(text, 'utf16le'),
  'cut off': (text) => text.slice(0, text.length >> 1),
  'text after the end': (text) => `${text}${text}`,
  comment: (text) => `/* ${PLANTED} */${text}`,
  'single quotes': (text) => text.replaceAll('"', "'"),
  nothing: () => '',
  blanks: () => ' \r\n\t ',
  'beyond the bound': (text) => `${text}${' '.repeat(70_000)}`,
};
const otherText = fc
  .constantFrom(...Object.entries(TEXTS))
  .map(([name, rewrite]) => mutation(`text: ${name}`, (plan) => ({ ...plan, rewriteBody: [...plan.rewriteBody, rewrite] })));

const TYPES = [
  '',
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/json; charset=utf-16',
  'application/json;charset=utf-8',
  'Application/JSON',
  'application/json, text/plain',
  'multipart/form-data; boundary=x',
  'application/json ;x',
  `application/${PLANTED}`,
];
const otherType = withHeader('content-type', TYPES);

const unwantedBody = fc
  .constantFrom<unknown>({ unknown: PLANTED }, {}, [], null, PLANTED, 1)
  .map((body) => mutation('a body', (plan) => ({ ...plan, body })));
