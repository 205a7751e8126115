import { parseArgs } from 'node:util';

const BOUNDS = /** @type {const} */ ({ seconds: { usual: 3, max: 60 }, rounds: { usual: 11, max: 50 } });

export const USAGE = `npm run bench -- [--seconds 1-60] [--rounds 1-50] [--json file]
  --seconds  length of one round, ${BOUNDS.seconds.usual} when absent
  --rounds   rounds of each server and operation, ${BOUNDS.rounds.usual} when absent
  --json     also writes the result to this file`;

/**
 * @param {string[]} args
 * @returns {{ seconds: number, rounds: number, json: string | undefined }}
 * @throws {TypeError} with a sentence for the person who typed them
 */
export function readOptions(args) {
  const { values } = parseArgs({ args, options: { seconds: { type: 'string' }, rounds: { type: 'string' }, json: { type: 'string' } } });
  return { seconds: wholeNumber('seconds', values.seconds), rounds: wholeNumber('rounds', values.rounds), json: values.json };
}

/** @param {keyof typeof BOUNDS} name @param {string | undefined} text */
function wholeNumber(name, text) {
  const { usual, max } = BOUNDS[name];
  if (text === undefined) return usual;
  const number = Number(text);
  if (/^\d{1,2}$/.test(text) && number >= 1 && number <= max) return number;
  throw new TypeError(`--${name} is "${text}"; it must be a whole number from 1 to ${max}.`);
}
