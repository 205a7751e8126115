import { expect } from '@jest/globals';
import { welcomeBody } from './answer-cases.js';
import type { AttackWorld, Door } from './attack-world.js';
import { type AttackCase, refusedAfter, refusedBefore, signedIn, undecidedAfter } from './outcomes.js';

/** Sent as an address where nobody asks for one, and as the Region that an address is made of. */
async function asDestination(world: AttackWorld, door: Door, destinations: readonly string[]): Promise<void> {
  for (const destination of destinations) {
    if (door === 'keyhold') {
      const honest = await world.sign(door);
      for (const field of ['url', 'host', 'endpoint', 'iam_request_url'])
        refusedBefore(door, await world.attempt(door, honest, { fields: { [field]: destination } }));
      refusedBefore(door, await world.attempt(door, { ...honest, region: destination }));
    }
    refusedBefore(door, await world.attempt(door, await world.sign(door, { region: destination })));
  }
  expect(world.trap.visits).toEqual([]);
}

const asRegion = async (world: AttackWorld, door: Door, regions: readonly string[]): Promise<void> => {
  for (const region of regions) refusedBefore(door, await world.attempt(door, await world.sign(door, { region })));
};

export const DESTINATION_CASES: readonly AttackCase[] = [
  {
    number: 1,
    what: 'a Host header that names the attacker’s host',
    async run(world, door) {
      const attempt = await world.attempt(door, await world.sign(door), { headers: { host: world.trap.host } });
      signedIn(door, attempt);
      expect(attempt.calls).toMatchObject([{ host: 'sts.us-east-2.amazonaws.com' }]);
      refusedAfter(door, await world.attempt(door, await world.sign(door, { headers: { host: world.trap.host } })));
      await asDestination(world, door, [world.trap.host]);
    },
  },
  {
    number: 2,
    what: 'an address with user information',
    run: (world, door) =>
      asDestination(world, door, [`https://sts.amazonaws.com@${world.trap.host}/`, `us-east-2.amazonaws.com@${world.trap.host}/`]),
  },
  {
    number: 3,
    what: 'a host that only begins like the one of STS',
    run: (world, door) => asDestination(world, door, ['sts.amazonaws.com.evil.com', 'us-east-2.amazonaws.com.evil.com']),
  },
  {
    number: 4,
    what: 'a host in another alphabet, with a dot at its end, in capitals, with a port',
    run: (world, door) =>
      asDestination(world, door, [
        'sts.us-eаst-2.amazonaws.com',
        'sts.us-east-2.amazonaws.com.',
        'STS.US-EAST-2.AMAZONAWS.COM',
        'sts.us-east-2.amazonaws.com:8443',
        'us-east-2.',
        'US-EAST-2',
        'us-east-2:8443',
      ]),
  },
  {
    number: 5,
    what: 'an address without TLS',
    run: (world, door) => asDestination(world, door, ['http://sts.us-east-2.amazonaws.com', `http://${world.trap.host}`]),
  },
  {
    number: 6,
    what: 'a Region that is none',
    run: (world, door) =>
      asRegion(world, door, [
        'us-east-1.evil.com/',
        '../',
        'us-east-1/../evil',
        '',
        'a'.repeat(64),
        'us-east-٢',
        'us-east-２',
        'us-east-9',
        'eu-moon-1',
        'constructor',
        '__proto__',
        '*',
      ]),
  },
  {
    number: 7,
    what: 'a Region of another partition',
    run: (world, door) => asRegion(world, door, ['cn-north-1', 'cn-northwest-1', 'us-gov-west-1', 'us-iso-east-1', 'eusc-de-east-1']),
  },
  {
    number: 8,
    what: 'STS sends us on to the attacker',
    async run(world, door) {
      for (const status of [301, 307]) {
        const answer = { status, location: `http://${world.trap.host}/` };
        undecidedAfter(door, await world.answering(answer, async () => world.attempt(door, await world.sign(door))));
      }
      expect(world.trap.visits).toEqual([]);
    },
  },
  {
    number: 9,
    what: 'STS hangs, or drips byte by byte',
    async run(world, door) {
      const faults = [
        { region: 'us-east-1', fault: { kind: 'hang' } },
        { region: 'us-west-1', fault: { kind: 'slow-drip' } },
      ] as const;
      await Promise.all(
        faults.map(async (order) => {
          const signed = await world.sign(door, { region: order.region });
          const lift = await world.keyhold.sandbox.control.fault({ operation: 'GetCallerIdentity', ...order });
          const attempt = await world.attempt(door, signed);
          await lift();
          undecidedAfter(door, { ...attempt, calls: attempt.calls.filter(({ region }) => region === order.region) });
        }),
      );
    },
  },
  {
    number: 10,
    what: 'an answer of 10 MB, or one that unpacks to it',
    async run(world, door) {
      for (const gzip of [false, true]) {
        const answer = { status: 200, body: welcomeBody(world), fillBytes: 10_000_000, ...(gzip && { gzip }) };
        undecidedAfter(door, await world.answering(answer, async () => world.attempt(door, await world.sign(door))));
      }
    },
  },
  {
    number: 11,
    what: 'STS fails again and again',
    async run(world, door) {
      const attempt = await world.answering({ status: 500, body: '{}' }, async () => world.attempt(door, await world.sign(door)));
      undecidedAfter(door, attempt, 2);
    },
  },
  {
    number: 12,
    what: 'a proxy in the environment',
    async run(world, door) {
      signedIn(door, await world.attempt(door, await world.sign(door)));
      expect(world.trap.visits).toEqual([]);
    },
  },
];
