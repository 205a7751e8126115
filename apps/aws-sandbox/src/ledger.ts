/** One request that arrived. Fields that could not be told from what it claimed are left out. */
export interface LedgerCall {
  seq: number;
  /** ISO 8601, sandbox clock */
  at: string;
  service?: string;
  operation?: string;
  region?: string;
  accountId?: string;
  callerArn?: string;
  accessKeyId?: string;
  /** as resolved: `mrk-…`, never an alias or ARN */
  keyId?: string;
  requestId: string;
  method: string;
  /** with the query string, as sent */
  path: string;
  host: string;
  /** lower case, sorted; one that was sent twice stands here twice */
  headerNames: readonly string[];
  /** of the body, as lower-case hex */
  bodySha256: string;
  /** `ok`, the error's name, or `fault:<kind>` when a fault decided the answer; `pending` until it is known */
  outcome: string;
  httpStatus?: number;
  durationMs?: number;
}

const CALLS_MAX = 100_000;
const TRIM_STEP = 10_000;

/** What arrived at the sandbox, whether it was answered or not. The newest CALLS_MAX calls are kept. */
export class Ledger {
  private calls: LedgerCall[] = [];
  private lastSeq = 0;

  open(call: Omit<LedgerCall, 'seq' | 'outcome'>): LedgerCall {
    const entry: LedgerCall = { seq: ++this.lastSeq, ...call, outcome: 'pending' };
    this.calls.push(entry);
    if (this.calls.length > CALLS_MAX + TRIM_STEP) this.calls = this.calls.slice(-CALLS_MAX);
    return entry;
  }

  since(seq: number): { calls: readonly LedgerCall[]; lastSeq: number } {
    return { calls: this.calls.slice(-CALLS_MAX).filter((call) => call.seq > seq), lastSeq: this.lastSeq };
  }

  /** Sequence numbers go on, so that a reader who remembers one does not miss what follows. */
  clear(): void {
    this.calls = [];
  }
}
