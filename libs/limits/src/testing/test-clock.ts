/** A clock that stands until it is moved. */
export class TestClock {
  #ms = 1_000;
  readonly now = (): number => this.#ms;

  pass(ms: number): void {
    this.#ms += ms;
  }
}
