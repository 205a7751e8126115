import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { SandboxCall, SandboxFault } from '../../../test/harness/sandbox.js';
import type { Trail } from './aws-call.js';
import type { CustomerKey } from './customer-key.js';
import type { CustomerKms } from './customer-kms.js';
import { type AwsWorld, anAwsWorld } from './testing/aws-world.js';
import { TestClock } from './testing/test-clock.js';

const MAIN = 'us-east-2';
const REPLICA = 'us-west-2';
const PLAINTEXT = randomBytes(80);

let world: AwsWorld;
let aws: CustomerKms;
let key: CustomerKey;
let ciphertext: Buffer;

beforeAll(async () => {
  world = await anAwsWorld();
  ({ key } = await world.customer());
  aws = patient();
  ciphertext = await aws.encrypt(ask('seal'), PLAINTEXT, 512);
}, 60_000);
beforeEach(() => {
  aws = patient(); // which has no memory of Regions that kept silent
});
afterEach(() => world.sandbox.control.clearFaults());
afterAll(() => world.close());

/** With a full budget of retries. Time passes only where it is really spent waiting for an answer; pauses between attempts are skipped. */
const patient = () => world.aws({ clock: new TestClock(), limits: { attemptMs: 400 } });

const ask = (purpose: 'seal' | 'unseal', regions: readonly ('us-east-2' | 'us-west-2')[] = [MAIN, REPLICA], trail: Trail = []) => ({
  key,
  purpose,
  regions,
  trail,
});

const operations = {
  Encrypt: (trail: Trail, through = aws) => through.encrypt(ask('seal', [MAIN, REPLICA], trail), PLAINTEXT, 512),
  Decrypt: (trail: Trail, through = aws) => through.decrypt(ask('unseal', [MAIN, REPLICA], trail), ciphertext, 80),
};

const regionsOf = (calls: readonly SandboxCall[], service: string) =>
  calls.filter((call) => call.service === service).map(({ region }) => region);

const FAULTS: SandboxFault[] = [
  { kind: 'hang' },
  { kind: 'black-hole' },
  { kind: 'slow-drip' },
  { kind: 'throttle' },
  { kind: 'reset' },
  { kind: 'garbage' },
  { kind: 'html' },
  { kind: 'error', status: 500, code: 'KMSInternalException' },
  { kind: 'error', status: 500, code: 'DependencyTimeoutException' },
  { kind: 'error', status: 500, code: 'KeyUnavailableException' },
  { kind: 'error', status: 503, code: 'ServiceUnavailable' },
];
const named = (fault: SandboxFault) => (fault.kind === 'error' ? `error ${fault.code}` : fault.kind);

describe.each(['Encrypt', 'Decrypt'] as const)('%s', (operation) => {
  test.each(FAULTS.map((fault) => [named(fault), fault] as const))(
    'is done in the replica’s Region when the main one meets it with: %s',
    async (_n, fault) => {
      await world.sandbox.control.fault({ region: MAIN, service: 'kms', fault });
      const trail: Trail = [];
      const calls = await world.seen(() => operations[operation](trail));
      expect(regionsOf(calls, 'kms')).toContain(MAIN);
      expect(regionsOf(calls, 'kms').at(-1)).toBe(REPLICA);
      expect(trail.at(-1)).toMatchObject({ operation, region: REPLICA, outcome: 'ok' });
    },
  );

  test.each(FAULTS.map((fault) => [named(fault), fault] as const))(
    'could not ask when both Regions meet it with: %s',
    async (_n, fault) => {
      await world.sandbox.control.fault({ service: 'kms', fault });
      const trail: Trail = [];
      await expect(operations[operation](trail)).rejects.toMatchObject({
        code: fault.kind === 'throttle' ? 'throttled' : 'could-not-ask',
        facts: { region: REPLICA },
      });
      const outcomes = trail.filter(({ service }) => service === 'kms').map(({ outcome }) => outcome);
      expect(new Set(outcomes)).toEqual(new Set([fault.kind === 'throttle' || fault.kind === 'error' ? 'failed' : 'unknown']));
    },
  );

  test('calls it unknown when the answer was lost after the deed', async () => {
    await world.sandbox.control.fault({ region: MAIN, service: 'kms', times: 1, when: 'after', fault: { kind: 'reset' } });
    const trail: Trail = [];
    await operations[operation](trail, patient());
    expect(trail.filter(({ service }) => service === 'kms').map(({ region, outcome }) => [region, outcome])).toEqual([
      [MAIN, 'unknown'],
      [MAIN, 'ok'],
    ]);
  });
});

describe('final answers', () => {
  const FINAL = [
    ['DisabledException', 'refused'],
    ['AccessDeniedException', 'refused'],
    ['NotFoundException', 'refused'],
    ['InvalidKeyUsageException', 'refused'],
    ['KMSInvalidStateException', 'refused'],
    ['InvalidCiphertextException', 'ours'],
    ['ValidationException', 'ours'],
    ['UnheardOfException', 'ours'],
  ] as const;

  test.each(FINAL)('%s ends it as %s: asked once, and the other Region not at all', async (code, outcome) => {
    await world.sandbox.control.fault({ service: 'kms', fault: { kind: 'error', status: 400, code } });
    const calls = await world.seen(() =>
      expect(operations.Decrypt([])).rejects.toMatchObject({ code: outcome, facts: { awsError: code, region: MAIN } }),
    );
    expect(regionsOf(calls, 'kms')).toEqual([MAIN]);
  });

  test('a key disabled in the main Region is not used in the other, although it is enabled there', async () => {
    const { customer, key: disabled } = await world.customer();
    const sealed = await aws.encrypt({ ...ask('seal'), key: disabled }, PLAINTEXT, 512);
    await customer.disableKey(MAIN);
    const calls = await world.seen(() =>
      expect(aws.decrypt({ ...ask('unseal'), key: disabled }, sealed, 80)).rejects.toMatchObject({
        code: 'refused',
        facts: { awsError: 'DisabledException' },
      }),
    );
    expect(regionsOf(calls, 'kms')).toEqual([MAIN]);
    // the replica would have answered
    await expect(aws.decrypt({ ...ask('unseal', [REPLICA]), key: disabled }, sealed, 80)).resolves.toEqual(new Uint8Array(PLAINTEXT));
  });

  test('pending deletion is its own outcome', async () => {
    const { customer, key: doomed } = await world.customer({ noReplica: true });
    await customer.scheduleKeyDeletion(MAIN);
    await expect(aws.encrypt({ ...ask('seal'), key: doomed }, PLAINTEXT, 512)).rejects.toMatchObject({ code: 'pending-deletion' });
  });
});

describe('answers that are not about what was asked', () => {
  test('another key’s id ends it, and the other Region is not asked', async () => {
    await world.sandbox.control.fault({ service: 'kms', fault: { kind: 'wrong-key-id' } });
    for (const operation of Object.values(operations)) {
      const calls = await world.seen(() =>
        expect(operation([])).rejects.toMatchObject({ code: 'ours', facts: { awsError: 'AnswerNotIntact' } }),
      );
      expect(regionsOf(calls, 'kms')).toEqual([MAIN]);
    }
  });

  test('a plaintext of another size ends it', async () => {
    const sealed = await aws.encrypt(ask('seal'), PLAINTEXT.subarray(0, 79), 512);
    await expect(aws.decrypt(ask('unseal'), sealed, 80)).rejects.toMatchObject({ code: 'ours', facts: { awsError: 'AnswerNotIntact' } });
  });

  test('a ciphertext of another size ends it', async () => {
    await expect(aws.encrypt(ask('seal'), PLAINTEXT, 384)).rejects.toMatchObject({ code: 'ours', facts: { awsError: 'AnswerNotIntact' } });
  });
});

describe('time', () => {
  test('a Region that hangs in everything is given up within the time for one act, signing in included', async () => {
    const impatient = world.aws({ limits: { attemptMs: 300, totalMs: 1_200 } });
    await world.sandbox.control.fault({ region: MAIN, fault: { kind: 'black-hole' } });
    const trail: Trail = [];
    await impatient.decrypt(ask('unseal', [MAIN, REPLICA], trail), ciphertext, 80);
    expect(trail.map(({ service, region, outcome }) => [service, region, outcome])).toEqual([
      ['sts', REPLICA, 'ok'], // that the main Region is silent was found out when signing in as ourselves
      ['kms', MAIN, 'unknown'],
      ['kms', REPLICA, 'ok'],
    ]);
  });

  test('only the main Region is asked where no other may stand in for it', async () => {
    await world.sandbox.control.fault({ region: MAIN, service: 'kms', fault: { kind: 'reset' } });
    const calls = await world.seen(() =>
      expect(aws.decrypt(ask('unseal', [MAIN]), ciphertext, 80)).rejects.toMatchObject({ code: 'could-not-ask' }),
    );
    expect(new Set(regionsOf(calls, 'kms'))).toEqual(new Set([MAIN]));
  });

  test('a full outage gets hardly more calls than it would without retries', async () => {
    const fresh = patient();
    await fresh.decrypt(ask('unseal'), ciphertext, 80);
    await world.sandbox.control.fault({ service: 'kms', fault: { kind: 'error', status: 500, code: 'KMSInternalException' } });
    const ACTS = 200;
    const calls = await world.seen(async () => {
      for (let act = 0; act < ACTS; act += 1) await fresh.decrypt(ask('unseal'), ciphertext, 80).catch(() => undefined);
    });
    expect(calls.length / (2 * ACTS)).toBeLessThan(1.2);
  });
});

describe('a main Region that keeps silent', () => {
  const decrypted = async (through: CustomerKms) => regionsOf(await world.seen(() => operations.Decrypt([], through)), 'kms');

  test('is passed over after three time-outs in a row, and tried by one call 5 seconds later', async () => {
    const clock = new TestClock();
    const through = world.aws({ clock, limits: { attemptMs: 1_500 } });
    await world.sandbox.control.fault({ region: MAIN, service: 'kms', fault: { kind: 'black-hole' } });
    for (let call = 0; call < 3; call += 1) expect(await decrypted(through)).toEqual([MAIN, REPLICA]);
    expect(await decrypted(through)).toEqual([REPLICA]);
    clock.advance(5_000);
    expect(await decrypted(through)).toEqual([MAIN, REPLICA]);
    expect(await decrypted(through)).toEqual([REPLICA]);
    await world.sandbox.control.clearFaults();
    clock.advance(5_000);
    expect(await decrypted(through)).toEqual([MAIN]);
    expect(await decrypted(through)).toEqual([MAIN]);
  }, 30_000);

  test('is asked all the same when the other cannot be asked, or when it alone may be asked', async () => {
    const through = patient();
    await world.sandbox.control.fault({ region: MAIN, service: 'kms', fault: { kind: 'black-hole' } });
    for (let call = 0; call < 3; call += 1) await decrypted(through);
    await world.sandbox.control.clearFaults();
    await world.sandbox.control.fault({ region: REPLICA, service: 'kms', fault: { kind: 'garbage' } });
    expect((await decrypted(through)).at(-1)).toBe(MAIN);
    expect(regionsOf(await world.seen(() => through.decrypt(ask('unseal', [MAIN]), ciphertext, 80)), 'kms')).toEqual([MAIN]);
  });
});
