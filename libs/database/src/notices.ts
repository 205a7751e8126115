import pg from 'pg';

export interface NoticesOptions {
  /** Of any role: a channel is everybody's, so that a notice says nothing and only that it is time to look. */
  url: string;
  channel: string;
  onNotice: () => void;
}

const FIRST_PAUSE_MS = 100;
const PAUSE_MS_MAX = 5_000;

/**
 * Hears at once that something was committed elsewhere, over a connection of its own that is opened again whenever it breaks.
 * Nothing may depend on it: what was noticed while it was down is lost, and `onNotice` is called once it is up again.
 */
export class Notices {
  #client: pg.Client | undefined;
  #timer: NodeJS.Timeout | undefined;
  #pauseMs = FIRST_PAUSE_MS;
  #isClosed = false;

  constructor(private readonly options: NoticesOptions) {}

  open(): void {
    void this.#connect();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.#client?.end();
  }

  async #connect(): Promise<void> {
    const client = this.#newClient();
    this.#client = client;
    try {
      await client.connect();
      await client.query(`LISTEN ${this.options.channel}`);
      this.#pauseMs = FIRST_PAUSE_MS;
      this.options.onNotice();
    } catch {
      this.#lost(client);
    }
  }

  #newClient(): pg.Client {
    const client = new pg.Client({
      connectionString: this.options.url,
      application_name: 'keyhold-notices',
      connectionTimeoutMillis: 2_000,
      query_timeout: 5_000,
      keepAlive: true,
    });
    client.on('error', () => this.#lost(client));
    client.on('end', () => this.#lost(client));
    client.on('notification', this.options.onNotice);
    return client;
  }

  /** Whatever broke, and however often that is told: one new connection, later. */
  #lost(client: pg.Client): void {
    if (this.#client !== client || this.#isClosed) return;
    this.#client = undefined;
    client.end().catch(() => undefined);
    this.#timer = setTimeout(() => void this.#connect(), this.#pauseMs).unref();
    this.#pauseMs = Math.min(this.#pauseMs * 2, PAUSE_MS_MAX);
  }
}
