import { describe, expect, test } from '@jest/globals';
import { DatabaseError } from '#database';
import { KeyStrategyError } from '#key-strategies';
import { createLogger } from './logger.js';

function logged(write: (log: ReturnType<typeof createLogger>) => void): Record<string, unknown> {
  const lines: string[] = [];
  write(createLogger('api', 'trace', { write: (line) => lines.push(line) }));
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '') as Record<string, unknown>;
}

describe('the log', () => {
  test('writes known fields as they are', () => {
    const line = logged((log) => log.info({ requestId: 'r', route: '/v1/x', status: 200, ms: 1.5 }, 'request'));
    expect(line).toMatchObject({ level: 'info', app: 'api', requestId: 'r', route: '/v1/x', status: 200, ms: 1.5, msg: 'request' });
  });

  test.each(['authorization', 'token', 'headers', 'body', 'payload', 'req', 'anything'])(
    'leaves out %s, which it does not know',
    (field) => {
      const line = logged((log) => log.info({ status: 200, [field]: { deep: 's3cret' } }, 'said'));
      expect(line).toMatchObject({ status: 200, [field]: '[not logged]' });
      expect(JSON.stringify(line)).not.toContain('s3cret');
    },
  );

  test('tells an error of ours with its causes', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED s3cret-host'), { code: 'ECONNREFUSED' });
    const line = logged((log) => log.error({ err: new DatabaseError('unavailable', { cause }) }, 'request failed'));
    expect(line['err']).toMatchObject({
      name: 'DatabaseError',
      code: 'unavailable',
      message: 'unavailable',
      stack: expect.stringContaining('logger.spec'),
      cause: { name: 'Error', code: 'ECONNREFUSED' },
    });
    expect(JSON.stringify(line)).not.toContain('s3cret');
  });

  test('tells what a key strategy says, and none of its facts', () => {
    const line = logged((log) => log.warn({ err: new KeyStrategyError('busy', { cause: 'bulkhead', remedy: 's3cret' }) }, 'said'));
    expect(line['err']).toMatchObject({ message: 'busy: bulkhead' });
    expect(JSON.stringify(line)).not.toContain('s3cret');
  });

  test.each<[string, Error]>([
    [
      "PostgreSQL's text",
      Object.assign(new Error('invalid input syntax for type uuid: "s3cret"'), { code: '22P02', detail: 's3cret', where: 's3cret' }),
    ],
    ["JSON.parse's text", caught(() => JSON.parse('{"a": s3cret}') as unknown)],
    ["Node's text", caught(() => Buffer.alloc('s3cret' as unknown as number))],
    ['a text that looks like a frame', Object.assign(new Error('x\n    at s3cret (row:1)'), { code: 'P0001' })],
    ["a library's text", new (class QueryFailedError extends Error {})('INSERT … s3cret')],
  ])('keeps %s out, in the message and in the stack', (_whose, error) => {
    const line = logged((log) => log.error({ err: error }, 'said'));
    expect(line['err']).toMatchObject({ stack: expect.stringMatching(/^\s+at /) });
    expect(JSON.stringify(line)).not.toContain('s3cret');
  });

  test('tells a bug by its text', () => {
    const bug = caught(() => (undefined as unknown as { run: () => void }).run());
    expect(logged((log) => log.error({ err: bug }, 'said'))['err']).toMatchObject({
      name: 'TypeError',
      message: expect.stringContaining('undefined'),
    });
  });

  test('follows causes to an end', () => {
    const circular = new Error('a');
    circular.cause = circular;
    expect(JSON.stringify(logged((log) => log.error({ err: circular }, 'said'))).length).toBeLessThan(20_000);
  });
});

function caught(work: () => unknown): Error {
  try {
    work();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
