/** One event of one account's trail in one Region, with what LookupEvents filters by. */
export interface TrailEvent {
  accountId: string;
  region: string;
  eventId: string;
  eventName: string;
  eventSource: string;
  /** ms */
  eventTime: number;
  readOnly: boolean;
  username?: string;
  accessKeyId?: string;
  resources: readonly TrailResource[];
  /** The whole record, as JSON. */
  record: string;
}

export interface TrailResource {
  type: string;
  name: string;
}

/** Told of what happens to the trails, to write it down. */
export interface TrailListener {
  recorded(event: TrailEvent): void;
  cleared(): void;
}

/** The newest events of all accounts are kept; at some 1.5 KB each this bounds the memory they take. */
const EVENTS_MAX = 50_000;
/** Trimming in steps keeps the cost per event constant. */
const TRIM_STEP = 5_000;

/** All accounts' trails, in the order of recording. */
export class Trail {
  private events: TrailEvent[] = [];
  listener: TrailListener | undefined;

  record(event: TrailEvent): void {
    this.events.push(event);
    if (this.events.length > EVENTS_MAX + TRIM_STEP) this.events = this.events.slice(-EVENTS_MAX);
    this.listener?.recorded(event);
  }

  /** newest first; what fell due long ago may have been recorded late */
  of(accountId: string, region: string): TrailEvent[] {
    const own = this.events.filter((event) => event.accountId === accountId && event.region === region);
    return own.reverse().sort((a, b) => b.eventTime - a.eventTime);
  }

  all(): readonly TrailEvent[] {
    return this.events.slice(-EVENTS_MAX);
  }

  clear(): void {
    this.events = [];
    this.listener?.cleared();
  }

  restore(events: readonly TrailEvent[]): void {
    this.events = events.slice(-EVENTS_MAX);
  }
}
