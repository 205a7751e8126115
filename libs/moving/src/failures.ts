/** What could not be moved, for people to look at: the first of them by name, all of them by number. */
export interface Failure {
  /** Of an item, or of a data key. */
  id: string;
  cause: string;
}

const NAMED_MAX = 100;

export function withFailures(named: readonly Failure[], more: readonly Failure[]): Failure[] {
  return [...named, ...more].slice(0, NAMED_MAX);
}
