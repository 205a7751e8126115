/** Asks again until the answer is as it should be; for what other processes do in their own time. */
export async function eventually<Answer>(
  ask: () => Promise<Answer>,
  isSo: (answer: Answer) => boolean,
  { withinMs = 15_000, everyMs = 50 } = {},
): Promise<Answer> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (isSo(answer)) return answer;
    if (performance.now() > deadline) throw new Error(`not so within ${withinMs} ms; the last answer: ${JSON.stringify(answer)}`);
    await new Promise((again) => setTimeout(again, everyMs));
  }
}
