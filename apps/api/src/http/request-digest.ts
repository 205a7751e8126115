import { createHash } from 'node:crypto';

/** What was asked: two requests with the same digest ask the same of the same resource, however their paths were spelled. */
export interface Asked {
  method: string;
  /** As the route declares it, with its parameters unfilled. */
  route: string;
  /** Decoded. */
  params: Readonly<Record<string, string>>;
  /** From `?` on; empty without. */
  query: string;
  body: Buffer;
}

/** SHA-256 over everything asked. The head is JSON of one array, so no two requests share their bytes. */
export function requestDigest({ method, route, params, query, body }: Asked): Buffer {
  const names = Object.keys(params).sort();
  const head = JSON.stringify([method, route, names.map((name) => [name, params[name]]), query]);
  return createHash('sha256').update(`${head}\n`).update(body).digest();
}
