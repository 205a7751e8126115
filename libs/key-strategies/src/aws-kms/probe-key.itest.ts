import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { CustomerOrder } from '../../../../test/harness/customer.js';
import { aProbingWorld, failures, MAIN, type Probed, type ProbingWorld, REPLICA } from './testing/probing-world.js';

jest.setTimeout(30_000); // a customer may have to wait for a new RSA key

let probing: ProbingWorld;

beforeAll(async () => {
  probing = await aProbingWorld();
}, 60_000);
afterAll(() => probing.world.close());

const userArn = () => `arn:aws:iam::${probing.world.platform.accountId}:user/keyhold-service`;

describe('a key that cannot be used', () => {
  test.each<[string, Partial<CustomerOrder>, string[]]>([
    ['symmetric', { keySpec: 'SYMMETRIC_DEFAULT' }, ['key_spec_not_rsa us-east-2', 'key_spec_not_rsa us-west-2']],
    ['for signatures', { keyUsage: 'SIGN_VERIFY' }, ['key_usage_not_encrypt us-east-2', 'key_usage_not_encrypt us-west-2']],
    ['RSA_2048', { keySpec: 'RSA_2048' }, ['key_too_small us-east-2', 'key_too_small us-west-2']],
    ['without a replica', { noReplica: true }, ['key_not_found us-west-2']],
    [
      'with the primary in the replica’s Region',
      { primaryRegion: REPLICA },
      ['primary_in_wrong_region us-east-2', 'primary_in_wrong_region us-west-2'],
    ],
  ])('is told: %s', async (_case, order, causes) => {
    const { report } = await probing.probed(order);
    expect(failures(report)).toEqual(causes.map((cause) => `describe_key ${cause}`));
    expect(report.ok).toBe(false);
  });

  test('has the id of a single-Region key', async () => {
    const { report } = await probing.probed({ multiRegion: false });
    expect(failures(report)).toEqual(['configuration key_id_invalid']);
  });

  test.each([MAIN, REPLICA] as const)('is told: disabled in %s', async (region) => {
    const { report } = await probing.probed({}, (customer) => customer.disableKey(region));
    expect(failures(report)).toEqual([`describe_key key_disabled ${region}`]);
    expect(report.health).toBe('refused');
  });

  test('is told: pending deletion', async () => {
    const { report } = await probing.probed({}, async (customer) => {
      await customer.scheduleKeyDeletion(REPLICA);
      await customer.scheduleKeyDeletion(MAIN);
    });
    expect(failures(report)).toEqual([MAIN, REPLICA].map((region) => `describe_key key_pending_deletion ${region}`));
    expect(report.health).toBe('pending_deletion');
  });
});

describe('missing permission', () => {
  const ACTIONS = { DescribeKey: 'describe_key', GetPublicKey: 'public_key', Encrypt: 'encrypt', Decrypt: 'decrypt' } as const;
  const CAUSES = {
    DescribeKey: 'describe_key_not_allowed',
    GetPublicKey: 'get_public_key_not_allowed',
    Encrypt: 'encrypt_not_allowed',
    Decrypt: 'decrypt_not_allowed',
  } as const;
  const names = Object.keys(ACTIONS) as (keyof typeof ACTIONS)[];
  const CASES = names.flatMap((action) => [MAIN, REPLICA].map((region) => [action, region] as const));
  let made: Probed;
  beforeAll(async () => {
    made = await probing.probed();
  });

  /** All four actions on both keys, but for one action on one of them. */
  const allBut = (action: string, region: string) => {
    const { main, replica } = made.customer.keyArns;
    const [arn, otherArn] = region === MAIN ? [main, replica] : [replica, main];
    const all = names.map((name) => `kms:${name}`);
    return {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: all, Resource: otherArn },
        { Effect: 'Allow', Action: all.filter((name) => name !== `kms:${action}`), Resource: arn },
      ],
    };
  };

  test.each(CASES)('%s in %s is told as such', async (action, region) => {
    await made.customer.putPermissionPolicy(allBut(action, region));
    const report = await made.probe();
    expect(failures(report)).toEqual([`${ACTIONS[action]} ${CAUSES[action]} ${region}`]);
    const [failed] = report.checks.filter(({ ok }) => !ok);
    expect(failed).toMatchObject({ awsError: 'AccessDeniedException', awsRequestId: expect.any(String) });
    expect(failed?.remedy).toContain(`kms:${action}`);
    expect(failed?.remedy).toContain(region);
  });

  test('in both Regions is told for both', async () => {
    const { report } = await probing.probed({ permissionPolicy: null });
    expect(failures(report)).toEqual([MAIN, REPLICA].map((region) => `describe_key describe_key_not_allowed ${region}`));
  });

  test('by an explicit deny is told as such', async () => {
    const { report } = await probing.probed({}, (customer) => {
      const allow = { Effect: 'Allow', Action: 'kms:*', Resource: '*' };
      const deny = { Effect: 'Deny', Action: 'kms:Decrypt', Resource: '*' };
      return customer.putPermissionPolicy({ Version: '2012-10-17', Statement: [allow, deny] });
    });
    expect(failures(report)).toEqual([`decrypt explicit_deny ${REPLICA}`, `decrypt explicit_deny ${MAIN}`]);
  });

  test('by a key policy that speaks of somebody else is told as such, for its Region', async () => {
    const { report } = await probing.probed({}, (customer) =>
      customer.putKeyPolicy(REPLICA, {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { AWS: userArn() }, Action: 'kms:*', Resource: '*' }],
      }),
    );
    expect(failures(report)).toEqual([`describe_key key_policy_closed ${REPLICA}`]);
  });
});
