/** Lets those who give the same name through one after the other, in the order in which they came. */
export class OneAtATime {
  readonly #last = new Map<string, Promise<undefined>>();

  /** Resolves when it is the caller's turn, with what ends it. Whoever has a turn must end it. */
  async turn(name: string): Promise<() => void> {
    const before = this.#last.get(name);
    const { promise: ended, resolve: end } = Promise.withResolvers<undefined>();
    this.#last.set(name, ended);
    await before;
    return () => {
      if (this.#last.get(name) === ended) this.#last.delete(name);
      end(undefined);
    };
  }
}
