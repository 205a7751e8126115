import type { ApiDocument, Schema } from './api-document.js';

/** Stands in many of the values below; no problem may repeat it. */
export const PLANTED = 'xK9-planted';

const nested = (depth: number, inner: unknown): unknown => (depth === 0 ? inner : { a: nested(depth - 1, inner) });

/** JSON values that some code somewhere takes for something else. */
export const HOSTILE_VALUES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  -0,
  1e308,
  5e-324,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  '',
  ' ',
  PLANTED,
  'a\u0000b',
  '\ud800',
  'a\udfffb',
  '\ufeff',
  '\u202e\u200b',
  '\r\nX-Injected: 1',
  "' OR 1=1 --",
  '"; DROP TABLE items; --',
  '${7*7}{{7*7}}<%= 7 %>',
  '<script>alert(1)</script>',
  '../../../etc/passwd',
  'http://127.0.0.1:1/latest/meta-data',
  '٤٢',
  'İı',
  'e\u0301',
  '👩‍👩‍👧‍👦',
  '__proto__',
  'constructor',
  'null',
  'NaN',
  '-Infinity',
  '1e999',
  '0x10',
  '2026-02-30T00:00:00Z',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  '00000000-0000-4000-8000-00000000000G',
  [],
  {},
  [[]],
  [null],
  [PLANTED],
  { unknown: PLANTED },
  { toString: PLANTED },
  { constructor: { prototype: { admin: true } } },
  { length: -1 },
  { then: PLANTED },
  { toJSON: PLANTED },
  { $ref: '#' },
  Object.fromEntries([['__proto__', { admin: true }]]),
  nested(40, PLANTED),
  Array.from({ length: 1_001 }, () => 1),
];

const LONG_TEXT_CHARS_MAX = 70_000;

/** Texts and numbers just at and just beyond every bound that the document names. */
export function boundaryValues({ schemas, operations }: ApiDocument): readonly unknown[] {
  const values = new Set<unknown>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    addBounds(node as Schema, values);
    for (const part of Object.values(node)) visit(part);
  };
  visit(schemas);
  visit(operations.map(({ parameters }) => parameters));
  return [...values];
}

function addBounds({ minLength, maxLength, minimum, maximum }: Schema, values: Set<unknown>): void {
  for (const length of [minLength, maxLength].filter(isNumber))
    if (length <= LONG_TEXT_CHARS_MAX) for (const near of around(length)) if (near >= 0) values.add('x'.repeat(near)).add('é'.repeat(near));
  for (const bound of [minimum, maximum].filter(isNumber)) for (const near of around(bound)) values.add(near);
}

const isNumber = (value: unknown): value is number => typeof value === 'number';
const around = (bound: number): number[] => [bound - 1, bound, bound + 1];
