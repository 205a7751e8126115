/** Something that is measured where it happens, for whoever listens in this process. It decides nothing. */
export class Signal<Fact> {
  readonly #listeners = new Set<(fact: Fact) => void>();

  /** `listener` must not throw: it would do so in the midst of what it measures. Answers what ends the listening. */
  listen(listener: (fact: Fact) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(fact: Fact): void {
    for (const listener of this.#listeners) listener(fact);
  }
}
