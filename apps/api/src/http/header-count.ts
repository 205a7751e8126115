import type { IncomingMessage } from 'node:http';

/** How often the header came. Node joins or drops repeats, each header its own way, so its view of them does not tell. */
export function headerCount({ rawHeaders }: IncomingMessage, name: string): number {
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const given = rawHeaders[i];
    if (given?.length === name.length && given.toLowerCase() === name) count++;
  }
  return count;
}
