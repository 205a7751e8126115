import { MalformedPolicy } from './malformed-policy.js';

export type JsonObject = Readonly<Record<string, unknown>>;

export const SYNTAX_ERROR = 'Syntax errors in policy.';

/** @throws MalformedPolicy unless the value is an object with no other members than these */
export function policyObject(value: unknown, members?: readonly string[]): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new MalformedPolicy(SYNTAX_ERROR);
  const object = value as JsonObject;
  const strange = Object.keys(object).find((name) => members !== undefined && !members.includes(name));
  if (strange !== undefined) throw new MalformedPolicy(`${SYNTAX_ERROR} Unknown element: ${strange}`);
  return object;
}

/** One text or a list of texts; undefined when the element is absent. */
export function policyTexts(value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined;
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.map(policyText);
}

export function policyText(value: unknown): string {
  if (typeof value !== 'string') throw new MalformedPolicy(SYNTAX_ERROR);
  return value;
}

const TOKEN = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g;

/** JSON.parse would let the last one win, and a condition that its author sees in the text would be gone. Takes valid JSON. */
export function refuseRepeatedMembers(json: string): void {
  const open: Set<string>[] = [];
  for (const [token, colon] of json.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (colon !== undefined) addMember(open.at(-1), String(JSON.parse(token.slice(0, -colon.length))));
  }
}

function addMember(members: Set<string> | undefined, name: string): void {
  if (members?.has(name)) throw new MalformedPolicy(`${SYNTAX_ERROR} Element given twice: ${name}`);
  members?.add(name);
}
