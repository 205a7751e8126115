/** The results of `work` in the order of `all`, with at most `max` under way. The first failure is the outcome, and nothing new is begun. */
export async function mapAtMost<From, To>(max: number, all: readonly From[], work: (one: From) => Promise<To>): Promise<To[]> {
  const results: To[] = [];
  const rest = entriesOf(all);
  const takeTurns = async () => {
    for (const [place, one] of rest) results[place] = await work(one); // a failure closes the generator for all
  };
  await Promise.all(Array.from({ length: max }, takeTurns));
  return results;
}

function* entriesOf<From>(all: readonly From[]): Generator<[number, From], void> {
  yield* all.entries();
}
