import { connect } from 'node:net';

export interface RawAnswer {
  status: number;
  /** As they were sent, by lower-case name; the last one of a name. */
  headers: Record<string, string>;
  body: string;
}

/**
 * Sends exactly these bytes and gives back all that came until the service closed the connection: what is sent must make it do
 * so. For what no HTTP client would send. Text is taken as Latin-1, so that any byte can be written.
 */
export async function exchange(url: string, request: string | Buffer): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port) });
  const chunks: Buffer[] = [];
  const { promise: closed, resolve } = Promise.withResolvers<undefined>();
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => undefined); // a reset is an answer too: what came before it counts
  socket.on('close', () => resolve(undefined));
  socket.write(typeof request === 'string' ? Buffer.from(request, 'latin1') : request);
  await closed;
  return Buffer.concat(chunks).toString('latin1');
}

/** The answers in what came, in order. Only answers with a `Content-Length` are looked for: the service sends no others. */
export function answersIn(bytes: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = bytes;
  while (rest !== '') {
    const head = /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n([^]*?)\r\n\r\n/.exec(rest);
    if (!head) throw new Error(`no answer: ${JSON.stringify(rest.slice(0, 200))}`);
    const headers = Object.fromEntries(
      (head[2] ?? '')
        .split('\r\n')
        .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    );
    const end = head[0].length + Number(headers['content-length'] ?? 0);
    answers.push({ status: Number(head[1]), headers, body: rest.slice(head[0].length, end) });
    rest = rest.slice(end);
  }
  return answers;
}
