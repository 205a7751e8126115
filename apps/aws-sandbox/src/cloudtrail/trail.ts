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

/** The newest events of all accounts are kept; at some 1.5 KB each this bounds the memory they take. */
const EVENTS_MAX = 50_000;
/** Trimming in steps keeps the cost per event constant. */
const TRIM_STEP = 5_000;

/** All accounts' trails, in the order of recording. */
export class Trail {
  private events: TrailEvent[] = [];
  /** Told of every event, to write it down. */
  onRecord: (event: TrailEvent) => void = () => undefined;

  record(event: TrailEvent): void {
    this.events.push(event);
    if (this.events.length > EVENTS_MAX + TRIM_STEP) this.events = this.events.slice(-EVENTS_MAX);
    this.onRecord(event);
  }

  /** newest first */
  of(accountId: string, region: string): TrailEvent[] {
    return this.events.filter((event) => event.accountId === accountId && event.region === region).reverse();
  }

  all(): readonly TrailEvent[] {
    return this.events.slice(-EVENTS_MAX);
  }

  restore(events: readonly TrailEvent[]): void {
    this.events = events.slice(-EVENTS_MAX);
  }
}
