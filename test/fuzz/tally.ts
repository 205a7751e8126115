import type { Operation } from './api-document.js';

interface Count {
  total: number;
  /** Answered 2xx or 3xx. */
  done: number;
  refused: number;
  failed: number;
}

/** How requests were answered, by the operation they were made from. */
export class Tally {
  readonly #counts = new Map<string, Count>();
  readonly #codes = new Map<string, number>();

  add({ operationId }: Operation, status: number, { code, isServerError }: { code: string | undefined; isServerError: boolean }): void {
    const count = this.of(operationId);
    count.total += 1;
    count[isServerError ? 'failed' : status >= 400 ? 'refused' : 'done'] += 1;
    this.#counts.set(operationId, count);
    if (code !== undefined) this.#codes.set(code, (this.#codes.get(code) ?? 0) + 1);
  }

  of(operationId: string): Count {
    return this.#counts.get(operationId) ?? { total: 0, done: 0, refused: 0, failed: 0 };
  }

  get requests(): number {
    return this.#sum('total');
  }

  get serverErrors(): number {
    return this.#sum('failed');
  }

  /** For people to read. */
  table(): string {
    const rows = [...this.#counts].map(
      ([id, { total, done, refused, failed }]) => `${id}: ${total}, ${done} 2xx, ${refused} 4xx, ${failed} 5xx`,
    );
    const codes = [...this.#codes].toSorted(([, a], [, b]) => b - a).map(([code, times]) => `${code} ${times}`);
    return [...rows, codes.join(', ')].join('\n');
  }

  #sum(field: keyof Count): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count[field], 0);
  }
}
