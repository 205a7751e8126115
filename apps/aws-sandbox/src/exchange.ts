import { type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { type SandboxClock } from './clock.js';
import { drip, faultOutcome } from './fault-effects.js';
import { type Fault } from './faults.js';
import { type LedgerCall } from './ledger.js';
import { sendOrdered } from './ordered-answer.js';
import { type Answer } from './wire/answer.js';
import { type ReceivedRequest } from './wire/received-request.js';
import { type Route } from './wire/route.js';

/** One request and what becomes of it: the answer on the wire and its line in the ledger. */
export class Exchange {
  private readonly startedAt = performance.now();

  constructor(
    readonly request: ReceivedRequest,
    readonly route: Route | undefined,
    readonly entry: LedgerCall,
    private readonly response: ServerResponse,
    private readonly clock: SandboxClock,
  ) {}

  answer(answer: Answer): void {
    this.close(answer.outcome, answer.status);
    this.writeHead(answer);
    this.response.end(answer.body);
  }

  /** @returns whether the fault decided what goes back; latency only takes its time */
  async suffer({ fault }: Fault, answer?: Answer): Promise<boolean> {
    if (fault.kind === 'latency') {
      await pause(fault.ms ?? 0);
      return false;
    }
    const outcome = `fault:${fault.kind}`;
    const effect = faultOutcome(fault, this.request, this.route, answer);
    if (effect.kind === 'answer') {
      this.answer({ ...effect.answer, outcome });
    } else if (effect.kind === 'drip') {
      this.close(outcome, effect.answer.status);
      this.writeHead(effect.answer);
      await drip(this.response, effect.answer.body);
    } else if (effect.kind === 'ordered') {
      this.close(outcome, fault.status);
      await sendOrdered(this.response, fault);
    } else {
      this.close(outcome);
      if (effect.kind === 'reset') this.response.socket?.resetAndDestroy();
    }
    return true;
  }

  private close(outcome: string, httpStatus?: number): void {
    this.entry.outcome = outcome;
    this.entry.durationMs = Math.round((performance.now() - this.startedAt) * 10) / 10;
    if (httpStatus !== undefined) this.entry.httpStatus = httpStatus;
  }

  /** `Date` is the sandbox's time: clients correct their clocks by it. */
  private writeHead(answer: Answer): void {
    this.response.writeHead(answer.status, {
      'content-type': answer.contentType,
      'content-length': Buffer.byteLength(answer.body),
      date: new Date(this.clock.now()).toUTCString(),
      'x-amzn-requestid': this.request.requestId,
    });
  }
}
