import type { Database } from '#database';
import type { TryLimit, TryLimits } from './try-limits.js';

/** One number that a try adds to. */
export interface TryCounter extends TryLimit {
  kind: keyof TryLimits;
  /** HMAC of whose it is. */
  key: Buffer;
  /** HMAC of a lane that is not counted here once it is open. */
  unlessLane?: Buffer;
}

export interface CountedTry {
  key: Buffer;
  /** When it was counted, by the database's clock, as PostgreSQL writes it; undefined where there was no room. */
  at: string | undefined;
}

const LANE_OPEN_SECONDS = 30 * 24 * 60 * 60;

/**
 * A row keeps the times of its last tries, so what is allowed in *any* span is exact. Each row is decided under its lock and by
 * the one clock of the database: tries on many nodes come one after the other. All statements lock rows in the order of keys.
 */
const TAKE = {
  name: 'tries-take',
  text: `WITH asked AS (
      SELECT a.* FROM unnest($1::bytea[], $2::integer[], $3::integer[], $4::bytea[]) AS a (key_hmac, tries_max, seconds, lane_hmac)
      WHERE NOT EXISTS (SELECT FROM try_counters k WHERE k.key_hmac = a.lane_hmac AND k.expires_at > now())),
    taken AS (
      INSERT INTO try_counters AS c (key_hmac, tries, tries_max, seconds, expires_at)
      SELECT key_hmac, ARRAY[clock_timestamp()], tries_max, seconds, now() + seconds * interval '1 second' FROM asked ORDER BY key_hmac
      ON CONFLICT (key_hmac) DO UPDATE SET
        tries = c.tries[greatest(cardinality(c.tries) - excluded.tries_max + 2, 1):] || clock_timestamp(),
        tries_max = excluded.tries_max, seconds = excluded.seconds, expires_at = excluded.expires_at
      WHERE cardinality(c.tries) < excluded.tries_max
        OR c.tries[cardinality(c.tries) - excluded.tries_max + 1] <= clock_timestamp() - excluded.seconds * interval '1 second'
      RETURNING key_hmac, tries[cardinality(tries)] AS at)
    SELECT key_hmac, taken.at::text AS at FROM asked LEFT JOIN taken USING (key_hmac)`,
};

const GIVE_BACK = {
  name: 'tries-give-back',
  text: `UPDATE try_counters AS c SET tries = array_remove(c.tries, given.at)
    FROM (SELECT key_hmac, g.at FROM try_counters k JOIN unnest($1::bytea[], $2::timestamptz[]) AS g (key_hmac, at) USING (key_hmac)
      ORDER BY key_hmac FOR UPDATE OF k) AS given
    WHERE c.key_hmac = given.key_hmac`,
};

const WAIT = {
  name: 'tries-wait',
  text: `SELECT ceil(extract(epoch FROM max(
      tries[cardinality(tries) - tries_max + 1] + seconds * interval '1 second' - clock_timestamp())))::integer AS seconds
    FROM try_counters WHERE key_hmac = ANY ($1::bytea[])`,
};

const OPEN_LANE = {
  name: 'tries-open-lane',
  text: `INSERT INTO try_counters (key_hmac, tries, tries_max, seconds, expires_at)
    VALUES ($1, '{}', 1, $2::integer, now() + $2::integer * interval '1 second')
    ON CONFLICT (key_hmac) DO UPDATE SET expires_at = excluded.expires_at
    WHERE try_counters.expires_at < excluded.expires_at - interval '1 day'`,
};

/** The counters of tries, shared by all nodes. */
export class TryCounters {
  constructor(private readonly database: Pick<Database, 'ask'>) {}

  /** Adds one try to each counter that has room for it, in one statement; answers for all but those that an open lane leaves out. */
  async take(counters: readonly TryCounter[]): Promise<CountedTry[]> {
    const rows = await this.database.ask<{ key_hmac: Buffer; at: string | null }>(TAKE, [
      counters.map(({ key }) => key),
      counters.map(({ triesMax }) => triesMax),
      counters.map(({ seconds }) => seconds),
      counters.map(({ unlessLane }) => unlessLane ?? null),
    ]);
    return rows.map(({ key_hmac, at }) => ({ key: key_hmac, at: at ?? undefined }));
  }

  /** Takes counted tries back out. */
  async giveBack(tries: readonly CountedTry[]): Promise<void> {
    const counted = tries.filter(({ at }) => at !== undefined);
    if (counted.length === 0) return;
    await this.database.ask(GIVE_BACK, [counted.map(({ key }) => key), counted.map(({ at }) => at)]);
  }

  /** Seconds until every one of these has room again, 1 at least. */
  async waitSeconds(keys: readonly Buffer[]): Promise<number> {
    const [row] = await this.database.ask<{ seconds: number | null }>(WAIT, [keys]);
    return Math.max(1, row?.seconds ?? 1);
  }

  async openLane(lane: Buffer): Promise<void> {
    await this.database.ask(OPEN_LANE, [lane, LANE_OPEN_SECONDS]);
  }
}
