import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { LimitError } from './limit-error.js';
import type { Permit, Try } from './sign-in-limiter.js';
import { TestClock } from './testing/test-clock.js';
import { type Guess, TokenGuesses } from './token-guesses.js';

const PERMIT: Permit = { succeeded: () => Promise.resolve(), undecided: () => Promise.resolve() };
const guessOf = (token: string, sourceAddress = '192.0.2.1'): Guess => ({
  digest: createHash('sha256').update(token).digest(),
  claimed: 'acme',
  sourceAddress,
});

/** A node on which `right` is the one right token, and which lets three guesses of an address through. */
function aNode({ full = 'address' }: { full?: 'address' | 'workspace' } = {}) {
  const clock = new TestClock();
  const counted: Try[] = [];
  const take = (tried: Try): Promise<Permit> => {
    counted.push(tried);
    return counted.length > 3
      ? Promise.reject(new LimitError('too_many_tries', { retryAfterSeconds: 60, full: [full] }))
      : Promise.resolve(PERMIT);
  };
  const guesses = new TokenGuesses({ take }, clock.now);
  let lookUps = 0;
  const send = (token: string, address?: string) =>
    guesses.lookUp(guessOf(token, address), () => {
      lookUps += 1;
      return Promise.resolve(token === 'right' ? 'somebody' : undefined);
    });
  return { clock, counted, send, lookUps: () => lookUps };
}

const tooMany = { code: 'too_many_tries' };

describe('wrong tokens', () => {
  test('are counted by address and by the workspace they claim', async () => {
    const { send, counted } = aNode();
    expect(await send('wrong')).toEqual({ found: undefined, isFirst: true });
    expect(counted).toEqual([{ door: 'token', workspaceId: 'acme', sourceAddress: '192.0.2.1' }]);
  });

  test('that are too many close the address to look-ups, for the time that is told', async () => {
    const { send, clock, lookUps } = aNode();
    for (const token of ['a', 'b', 'c']) await send(token);
    await expect(send('d')).rejects.toMatchObject(tooMany);
    await expect(send('e')).rejects.toMatchObject({ ...tooMany, facts: { retryAfterSeconds: 60 } });
    expect(lookUps()).toBe(4);
    clock.pass(60_000);
    expect(await send('right')).toEqual({ found: 'somebody', isFirst: false });
  });

  test('close no other address, and nothing to a token that was right before', async () => {
    const { send } = aNode();
    await send('right');
    for (const token of ['a', 'b', 'c']) await send(token);
    await expect(send('d')).rejects.toMatchObject(tooMany);
    expect((await send('right')).found).toBe('somebody');
    expect((await send('right', '192.0.2.2')).found).toBe('somebody');
  });

  test('that claim one workspace, however many, close it to nobody', async () => {
    const { send } = aNode({ full: 'workspace' });
    for (const token of ['a', 'b', 'c']) await send(token);
    await expect(send('d')).rejects.toMatchObject(tooMany);
    expect((await send('right')).found).toBe('somebody');
  });

  test('count once, however often the same one comes: a client with a revoked key is no guesser', async () => {
    const { send, clock, counted, lookUps } = aNode();
    await send('revoked');
    for (let n = 0; n < 50; n++) expect(await send('revoked')).toEqual({ found: undefined, isFirst: false });
    expect(lookUps()).toBe(1);
    clock.pass(5_000);
    expect(await send('revoked')).toEqual({ found: undefined, isFirst: false });
    expect(lookUps()).toBe(2);
    expect(counted).toHaveLength(1);
  });

  test('that come many times at once count once', async () => {
    const { send, counted } = aNode();
    const answers = await Promise.all(Array.from({ length: 20 }, () => send('wrong')));
    expect(answers.filter(({ isFirst }) => isFirst)).toHaveLength(1);
    expect(counted).toHaveLength(1);
  });

  test('are those that were right and are no more, too', async () => {
    const clock = new TestClock();
    const counted: Try[] = [];
    const guesses = new TokenGuesses({ take: (tried) => (counted.push(tried), Promise.resolve(PERMIT)) }, clock.now);
    await guesses.lookUp(guessOf('key'), () => Promise.resolve('somebody'));
    expect((await guesses.lookUp(guessOf('key'), () => Promise.resolve(undefined))).isFirst).toBe(true);
    expect(counted).toHaveLength(1);
  });
});
