import { type IncomingMessage } from 'node:http';

/** One request as it arrived, before anybody believes anything in it. Header names are lower case. */
export interface ReceivedRequest {
  method: string;
  path: string;
  /** without the question mark, as sent */
  rawQuery: string;
  headers: ReadonlyMap<string, readonly string[]>;
  body: Buffer;
  requestId: string;
  sourceIp: string;
}

export const header = (request: ReceivedRequest, name: string): string | undefined => request.headers.get(name)?.[0];

/** Node joins or drops repeated headers; a signature verifier has to see them all. */
export function allHeaders(message: IncomingMessage): ReadonlyMap<string, readonly string[]> {
  const headers = new Map<string, string[]>();
  for (let index = 0; index + 1 < message.rawHeaders.length; index += 2) {
    const name = message.rawHeaders[index]?.toLowerCase() ?? '';
    headers.set(name, [...(headers.get(name) ?? []), message.rawHeaders[index + 1] ?? '']);
  }
  return headers;
}
