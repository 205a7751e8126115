import { describe, expect, test } from '@jest/globals';
import { lastWords } from './last-words.js';
import { createLogger } from './logger.js';

describe('the last words of the process', () => {
  test('name the error, repeat nothing of its details, and are followed by the end', () => {
    const lines: string[] = [];
    const codes: number[] = [];
    const log = createLogger('api', 'info', { write: (line) => void lines.push(line) });
    const error = Object.assign(new Error('insert failed'), { code: '23502', detail: 'Failing row contains (hunter2)' });
    lastWords(log, (code) => codes.push(code))(error);
    expect(JSON.parse(lines.join(''))).toMatchObject({ level: 'fatal', err: { name: 'Error', code: '23502' } });
    expect(lines.join('')).not.toMatch(/hunter2/);
    expect(codes).toEqual([1]);
  });
});
