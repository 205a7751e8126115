const RETRIES_PER_CALL = 0.1;
const RETRIES_SAVED_MAX = 10;

/** Lets at most one call in ten be a retry, after a small reserve: a Region in trouble gets no second wave from us. */
export class RetryBudget {
  #saved = RETRIES_SAVED_MAX;

  earn(): void {
    this.#saved = Math.min(RETRIES_SAVED_MAX, this.#saved + RETRIES_PER_CALL);
  }

  spend(): boolean {
    if (this.#saved < 1) return false;
    this.#saved -= 1;
    return true;
  }
}
