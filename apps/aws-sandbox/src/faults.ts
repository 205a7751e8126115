import { randomUUID } from 'node:crypto';

export const FAULT_KINDS = [
  'latency',
  'hang',
  'black-hole',
  'throttle',
  'error',
  'answer',
  'reset',
  'garbage',
  'html',
  'slow-drip',
  'wrong-key-id',
  'wrong-plaintext',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export const SERVICES = ['kms', 'sts', 'iam', 'cloudtrail'] as const;
export type Service = (typeof SERVICES)[number];

/**
 * What goes wrong. `ms` belongs to latency; `status`, `code` and `message` to error; `status` and the last five to answer, which
 * is sent as ordered: `fillBytes` spaces follow the body, and `gzip` compresses both.
 */
export interface FaultEffect {
  kind: FaultKind;
  ms?: number;
  status?: number;
  code?: string;
  message?: string;
  contentType?: string;
  body?: string;
  location?: string;
  fillBytes?: number;
  gzip?: boolean;
}

/** Which calls a fault meets; a criterion that is left out matches all. */
export interface FaultCriteria {
  region?: string;
  service?: Service;
  operation?: string;
  /** of the caller, or of the role or key that is asked for */
  accountId?: string;
  keyId?: string;
}

export interface FaultOrder extends FaultCriteria {
  /** how many calls it meets; without it, all */
  times?: number;
  /** whether the operation takes effect first */
  when?: 'before' | 'after';
  fault: FaultEffect;
}

export interface Fault extends FaultOrder {
  faultId: string;
  when: 'before' | 'after';
  /** how many calls it has met */
  met: number;
}

export interface Arrival extends Omit<FaultCriteria, 'service' | 'accountId'> {
  service?: string;
  accountIds: readonly string[];
}

/** These alter a true answer, so that the operation has to have happened. */
const ALWAYS_AFTER: ReadonlySet<FaultKind> = new Set(['wrong-key-id', 'wrong-plaintext', 'slow-drip']);

/** The faults that are in force. A call meets the oldest one that matches it. */
export class FaultBoard {
  private faults: Fault[] = [];

  add(order: FaultOrder): Fault {
    const when = ALWAYS_AFTER.has(order.fault.kind) ? 'after' : (order.when ?? 'before');
    const fault = { ...order, when, faultId: randomUUID(), met: 0 };
    this.faults.push(fault);
    return fault;
  }

  list(): readonly Fault[] {
    return this.faults;
  }

  remove(faultId: string): boolean {
    const before = this.faults.length;
    this.faults = this.faults.filter((fault) => fault.faultId !== faultId);
    return this.faults.length < before;
  }

  clear(): void {
    this.faults = [];
  }

  /** Counts the meeting; a fault that has met its number of calls is gone. */
  meet(arrival: Arrival): Fault | undefined {
    const fault = this.faults.find((candidate) => matches(candidate, arrival));
    if (!fault) return undefined;
    fault.met++;
    if (fault.times !== undefined && fault.met >= fault.times) this.remove(fault.faultId);
    return fault;
  }
}

function matches(fault: FaultCriteria, arrival: Arrival): boolean {
  return (
    (fault.region === undefined || fault.region === arrival.region) &&
    (fault.service === undefined || fault.service === arrival.service) &&
    (fault.operation === undefined || fault.operation === arrival.operation) &&
    (fault.keyId === undefined || fault.keyId === arrival.keyId) &&
    (fault.accountId === undefined || arrival.accountIds.includes(fault.accountId))
  );
}
