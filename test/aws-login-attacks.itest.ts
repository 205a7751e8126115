import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { ANSWER_CASES } from './aws-login-attacks/answer-cases.js';
import { type AttackWorld, DOORS, anAttackWorld } from './aws-login-attacks/attack-world.js';
import { DESTINATION_CASES } from './aws-login-attacks/destination-cases.js';
import { HEADER_CASES } from './aws-login-attacks/header-cases.js';
import { IDENTITY_CASES } from './aws-login-attacks/identity-cases.js';
import { REPLAY_CASES } from './aws-login-attacks/replay-cases.js';
import { REQUEST_CASES } from './aws-login-attacks/request-cases.js';

jest.setTimeout(180_000);

const CASES = [...DESTINATION_CASES, ...REQUEST_CASES, ...HEADER_CASES, ...ANSWER_CASES, ...IDENTITY_CASES, ...REPLAY_CASES];
const AT_DOORS = DOORS.flatMap((door) =>
  CASES.filter(({ doors = DOORS }) => doors.includes(door)).map((attack) => ({
    ...attack,
    door,
    name: `case ${attack.number}: ${attack.what}`,
  })),
);
/** Runs of each case whose outcome was not the expected one, or not seen yet. */
const open = new Map(CASES.map(({ number }) => [number, AT_DOORS.filter((run) => run.number === number).length]));

let world: AttackWorld;
beforeAll(async () => {
  world = await anAttackWorld();
});
afterAll(async () => {
  console.log(`figure: aws-login-attacks = ${[...open.values()].filter((runs) => runs === 0).length}`);
  await world.close();
});

test('there are 65 cases', () => {
  expect(CASES.map(({ number }) => number)).toEqual(Array.from({ length: 65 }, (_, index) => index + 1));
});

describe.each(DOORS)('at the door of %s', (door) => {
  test.each(AT_DOORS.filter((attack) => attack.door === door))('$name', async (attack) => {
    await attack.run(world, door);
    open.set(attack.number, (open.get(attack.number) ?? 0) - 1);
  });
});
