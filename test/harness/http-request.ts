import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

export interface HttpAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** Parsed JSON; undefined when it is none. */
  body: any;
}

export interface HttpOrder {
  method?: string;
  /** A list sends the header as often. */
  headers?: Record<string, string | readonly string[]>;
  body?: string;
}

/** One request with exactly these headers, `Host` included: what `fetch` would set or refuse is the test's to say. */
export async function httpRequest(url: string, { method = 'POST', headers = {}, body = '' }: HttpOrder): Promise<HttpAnswer> {
  const lines = Object.entries({ host: new URL(url).host, ...headers }).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).flatMap((each) => [name, each]),
  );
  const given = lines.map((line) => line.toLowerCase());
  if (!given.includes('content-length')) lines.push('content-length', String(Buffer.byteLength(body)));
  const asked = request(url, { method, headers: lines, setHost: false, agent: false }).end(body);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const answered = await text(response);
  const isJson = /json/.test(response.headers['content-type'] ?? '') && answered !== '';
  return { status: response.statusCode ?? 0, headers: response.headers, text: answered, body: isJson ? JSON.parse(answered) : undefined };
}
