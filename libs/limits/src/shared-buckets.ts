import { createHmac } from 'node:crypto';
import type { Database } from '#database';
import type { KeyBytes, RootKey } from '#envelope';
import type { Buckets, Granted, Rate } from './rate.js';

/** A bucket is the moment when it is full again, by the database's clock. Rows are decided under their locks, in the order of keys. */
const DRAW = {
  name: 'buckets-draw',
  text: `INSERT INTO request_buckets AS b (key_hmac, granted, full_at)
    SELECT key_hmac, least(asked, $4), clock_timestamp() + least(asked, $4) / $3 * interval '1 second'
    FROM unnest($1::bytea[], $2::double precision[]) AS a (key_hmac, asked) ORDER BY key_hmac
    ON CONFLICT (key_hmac) DO UPDATE SET (granted, full_at) = (
      SELECT g, since + g / $3 * interval '1 second'
      FROM greatest(b.full_at, clock_timestamp()) AS since,
        floor($4::double precision - extract(epoch FROM since - clock_timestamp())::double precision * $3::double precision) AS held,
        greatest(0, least(excluded.granted, held)) AS g)
    RETURNING key_hmac, granted,
      $4::double precision - extract(epoch FROM full_at - clock_timestamp())::double precision * $3::double precision AS held`,
};

interface Order {
  key: Buffer;
  asked: number;
  resolve: (granted: Granted) => void;
  reject: (error: unknown) => void;
}

/** The buckets that all nodes draw from. One statement at a time is under way, for all workspaces that wait: no flood of them. */
export class SharedBuckets implements Buckets {
  readonly #key: KeyBytes;
  #waiting: Order[] = [];
  #isDrawing = false;

  constructor(
    private readonly database: Pick<Database, 'ask'>,
    rootKey: RootKey,
    private readonly unit: 'requests' | 'bytes',
    private readonly rate: Rate,
  ) {
    this.#key = rootKey.subkey('request-limits');
  }

  async draw(workspaceId: string, asked: number): Promise<Granted> {
    const { promise, resolve, reject } = Promise.withResolvers<Granted>();
    this.#waiting.push({ key: this.#hmac(workspaceId), asked, resolve, reject });
    if (!this.#isDrawing) void this.#drawAll();
    return promise;
  }

  async #drawAll(): Promise<void> {
    this.#isDrawing = true;
    while (this.#waiting.length > 0) await this.#drawFor(this.#waiting.splice(0));
    this.#isDrawing = false;
  }

  async #drawFor(orders: readonly Order[]): Promise<void> {
    try {
      const rows = await this.#ask(orders);
      for (const { key, resolve, reject } of orders) {
        const row = rows.find(({ key_hmac }) => key_hmac.equals(key));
        if (row) resolve({ granted: row.granted, left: Math.max(0, row.held) });
        else reject(new Error('a bucket was drawn from without an answer'));
      }
    } catch (error) {
      for (const { reject } of orders) reject(error);
    }
  }

  #ask(orders: readonly Order[]): Promise<{ key_hmac: Buffer; granted: number; held: number }[]> {
    const { perSecond, burst } = this.rate;
    return this.database.ask(DRAW, [orders.map(({ key }) => key), orders.map(({ asked }) => asked), perSecond, burst]);
  }

  #hmac(workspaceId: string): Buffer {
    return createHmac('sha256', this.#key.expose())
      .update(JSON.stringify([this.unit, workspaceId]))
      .digest();
  }
}
