import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from '@jest/globals';

/** Beside the checkout: the vectors are not ours to redistribute. */
const FOLDER = new URL('../../../../../shared/vectors/wycheproof/', import.meta.url);

/** What all tests of Project Wycheproof have. Bytes are hexadecimal. */
export interface WycheproofTest {
  tcId: number;
  comment: string;
  flags: readonly string[];
  result: 'valid' | 'invalid' | 'acceptable';
}

/**
 * Defines tests over the groups of one file. Where the file is absent one test says so instead, and fails on a CI machine:
 * vectors that silently do not run prove nothing. Each file has groups of a shape of its own, which the callback states.
 */
export function describeWycheproof(file: string, define: (groups: never) => void): void {
  describe(`Wycheproof ${file}`, () => {
    const path = new URL(file, FOLDER);
    if (existsSync(path)) define((JSON.parse(readFileSync(path, 'utf8')) as { testGroups: never }).testGroups);
    else test('says that it was skipped, and why', () => reportAbsent(file));
  });
}

function reportAbsent(file: string): void {
  const text = `skipped: Wycheproof ${file}, because ../shared/vectors/wycheproof/ is not beside this checkout`;
  if (process.env['CI'] === 'true') throw new Error(`${text}; in CI it must run`);
  console.log(text);
}
