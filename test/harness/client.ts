export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed JSON; undefined when there is none. A test says by its assertions what it expects. */
  body: any;
  text: string;
}

/** One request; a body is sent as JSON. Never throws for a status. */
export type Client = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;

/** @param patienceMs how long an answer may take before that is a failure of the test */
export function aClient(base: string, token?: string, { patienceMs = 60_000 }: { patienceMs?: number } = {}): Client {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(`${base}${path}`, {
      method,
      redirect: 'manual', // where an answer sends people is theirs to look at
      signal: AbortSignal.timeout(patienceMs),
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson && text !== '' ? (JSON.parse(text) as unknown) : undefined,
    };
  };
}

/** All that an answer tells about what was asked for: two things that are told alike are one to the caller. */
export function told({ status, body }: Answer): string {
  return JSON.stringify({ status, body: { ...(body as object), requestId: undefined } });
}
