import type { Answer } from './client.js';

export const times = <Made>(count: number, make: (index: number) => Made): Made[] =>
  Array.from({ length: count }, (_, index) => make(index));

/** Sends all of them, so many at a time. */
export async function flood(requests: readonly (() => Promise<Answer>)[], atOnce = 16): Promise<Answer[]> {
  const answers: Answer[] = [];
  const rest = [...requests];
  const send = async () => {
    for (let next = rest.shift(); next; next = rest.shift()) answers.push(await next());
  };
  await Promise.all(times(atOnce, send));
  return answers;
}

/** Each status that occurs, in order. */
export const statusesIn = (answers: readonly Answer[]): number[] => [...new Set(answers.map(({ status }) => status))].sort();

export const countOf = (answers: readonly Answer[], status: number): number => answers.filter((answer) => answer.status === status).length;
