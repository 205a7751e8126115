import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';

/** One statement as it was asked: under its name, with its values as they travelled. */
export interface Asked {
  /** Empty for what was not prepared under a name. */
  name: string;
  text: string;
  values: readonly (string | Buffer | null)[];
}

/** Another address of the same PostgreSQL, which keeps what is asked over it. */
export interface StatementRecorder {
  url: string;
  asked: Asked[];
  end(): void;
}

export async function aStatementRecorder(url: string): Promise<StatementRecorder> {
  const there = new URL(url);
  const asked: Asked[] = [];
  const proxy = createServer((near) => {
    const far = connect(Number(there.port), there.hostname);
    const connection = new Connection((statement) => asked.push(statement));
    near.on('data', (bytes) => connection.read(bytes));
    for (const socket of [near, far]) socket.setNoDelay().on('error', () => undefined);
    near.pipe(far).pipe(near);
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const { port } = proxy.address() as AddressInfo;
  return { url: Object.assign(new URL(url), { hostname: '127.0.0.1', port }).href, asked, end: () => proxy.close() };
}

/** What a client says in version 3 of PostgreSQL's protocol: every message but the first begins with its type. */
class Connection {
  #rest = Buffer.alloc(0);
  #hasStarted = false;
  readonly #texts = new Map<string, string>();

  constructor(private readonly keep: (asked: Asked) => void) {}

  read(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (let message = this.#next(); message; message = this.#next()) this.#understand(message.type, new Reader(message.body));
  }

  #next(): { type: string; body: Buffer } | undefined {
    const start = this.#hasStarted ? 1 : 0;
    if (this.#rest.length < start + 4) return undefined;
    const end = start + this.#rest.readInt32BE(start);
    if (this.#rest.length < end) return undefined;
    const message = { type: this.#hasStarted ? String.fromCharCode(this.#rest[0] ?? 0) : '', body: this.#rest.subarray(start + 4, end) };
    this.#hasStarted = true;
    this.#rest = this.#rest.subarray(end);
    return message;
  }

  #understand(type: string, body: Reader): void {
    if (type === 'Q') this.keep({ name: '', text: body.text(), values: [] });
    if (type === 'P') this.#texts.set(body.text(), body.text());
    if (type !== 'B') return;
    body.text(); // the portal
    const name = body.text();
    this.keep({ name, text: this.#texts.get(name) ?? '', values: body.values() });
  }
}

class Reader {
  #at = 0;

  constructor(private readonly bytes: Buffer) {}

  text(): string {
    const end = this.bytes.indexOf(0, this.#at);
    const text = this.bytes.toString('utf8', this.#at, end);
    this.#at = end + 1;
    return text;
  }

  /** Text unless it was sent as bytes. */
  values(): (string | Buffer | null)[] {
    const formats = Array.from({ length: this.#int16() }, () => this.#int16());
    return Array.from({ length: this.#int16() }, (_, i) => {
      const length = this.#int32();
      if (length < 0) return null;
      const value = Buffer.from(this.bytes.subarray(this.#at, (this.#at += length)));
      const format = formats.length === 1 ? formats[0] : formats[i];
      return format === 1 ? value : value.toString('utf8');
    });
  }

  #int16(): number {
    return this.bytes.readInt16BE((this.#at += 2) - 2);
  }

  #int32(): number {
    return this.bytes.readInt32BE((this.#at += 4) - 4);
  }
}
