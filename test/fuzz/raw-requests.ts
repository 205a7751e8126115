import { answersIn, exchange } from '../harness/raw-http.js';
import type { AnswerFaults } from './answer-faults.js';
import type { Operation } from './api-document.js';
import type { WireAnswer, WireRequest } from './wire.js';

const AT_ONCE = 8;

/** A request of the corpus as it is written to the socket, and what it is about. */
export interface RawRequest {
  what: string;
  method: string;
  target: string;
  /** Lines, without those that every request has. */
  headers: readonly string[];
  body?: string | Buffer;
}

/** An operation's path with something in the place of each parameter. */
export const filledPath = ({ path }: Operation, workspaceId: string): string =>
  path.replace('{workspaceId}', workspaceId).replaceAll(/\{\w+\}/g, '00000000-0000-4000-8000-000000000000');

/**
 * Sends every request of a corpus on a connection of its own. Answers in words what is wrong with any answer: what the document
 * says against it, and a status that is not among those that are right here.
 */
export async function wronglyAnswered(
  url: string,
  corpus: readonly RawRequest[],
  faults: AnswerFaults,
  isRight: (status: number, request: RawRequest) => boolean,
): Promise<string[]> {
  const wrong: string[] = [];
  const rest = corpus.values();
  const sendRest = async () => {
    for (const request of rest) {
      const answer = await sent(url, request);
      const wire: WireRequest = { method: request.method, target: request.target, headers: [], body: undefined };
      const found = [...faults.in(wire, answer), ...(isRight(answer.status, request) ? [] : [`status ${answer.status}`])];
      if (found.length > 0) wrong.push(`${request.what}: ${request.method} ${request.target}: ${found.join('; ')}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sendRest));
  return wrong;
}

async function sent(url: string, { method, target, headers, body = '' }: RawRequest): Promise<WireAnswer> {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  const lines = [`${method} ${target} HTTP/1.1`, 'Host: keyhold', 'Connection: close', ...headers];
  const length = bytes.length > 0 ? [`Content-Length: ${bytes.length}`] : [];
  const head = Buffer.from([...lines, ...length, '', ''].join('\r\n'), 'latin1');
  const [answer] = answersIn(await exchange(url, Buffer.concat([head, bytes])));
  if (!answer) throw new Error(`no answer to ${method} ${target}`);
  return { ...answer, body: Buffer.from(answer.body, 'latin1') };
}

/** Bodies that no route may take for JSON. */
export const MALFORMED_BODIES: readonly (readonly [what: string, body: string | Buffer])[] = [
  ['no UTF-8', Buffer.from('{"name":"\xff"}', 'latin1')],
  ['overlong UTF-8', Buffer.from('{"name":"\xc0\xaf"}', 'latin1')],
  ['surrogates in UTF-8', Buffer.from('{"name":"\xed\xa0\x80"}', 'latin1')],
  ['UTF-16', Buffer.from('{"name":"n"}', 'utf16le')],
  ['a byte order mark', '\ufeff{"name":"n"}'],
  ['half a surrogate pair', '{"name":"\\ud800"}'],
  ['half a surrogate pair in a key', '{"\\udc00":1}'],
  ['a NUL', '{"name":"\u0000"}'],
  ['a NUL after it', '{}\u0000'],
  ['a prototype', '{"__proto__":{"admin":true}}'],
  ['a prototype in escapes', '{"\\u005f\\u005fproto__":{"admin":true}}'],
  ['a constructor', '{"a":{"constructor":{"prototype":{}}}}'],
  ['ten thousand levels', `${'['.repeat(10_000)}${']'.repeat(10_000)}`],
  ['ten thousand levels that do not end', '{"a":'.repeat(10_000)],
  ['a number beyond a double', '{"limit":1e999}'],
  ['a number that a double changes', '{"limit":9007199254740993}'],
  ['a hexadecimal number', '{"limit":0x10}'],
  ['not a number', '{"limit":NaN}'],
  ['a comment', '{/* */}'],
  ['two values', '{}{}'],
  ['an unfinished one', '{"name":"n"'],
  ['a trailing comma', '{"name":"n",}'],
  ['single quotes', "{'name':'n'}"],
];

/** Types that are not exactly `application/json`, however much they look like it. */
export const OTHER_TYPES: readonly string[] = [
  'application/json\t; charset=utf-8',
  'application/json;\tcharset=utf-8',
  '\tapplication/json ;',
  'application/json;;',
  'application/json; charset=utf-16',
  'application/json, text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'text/json',
  'application/json+x',
  'application/\u00adjson',
];
