import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { ProbeReport } from '../contract.js';
import { AwsKmsStrategy } from './aws-kms-strategy.js';
import { aProbingWorld, failures, MAIN, type Probed, type ProbingWorld, REPLICA, trust } from './testing/probing-world.js';

jest.setTimeout(30_000); // a customer may have to wait for a new RSA key

let probing: ProbingWorld;
let acme: Probed;

beforeAll(async () => {
  probing = await aProbingWorld();
  acme = await probing.probed();
}, 60_000);
afterEach(() => probing.world.sandbox.control.clearFaults());
afterAll(() => probing.world.close());

const principal = () => probing.world.platform.principalArn;
const userArn = () => `arn:aws:iam::${probing.world.platform.accountId}:user/keyhold-service`;

/** What the probe finds when the role is trusted like this; afterwards all is well again. */
async function probedWith(trustPolicy: object): Promise<ProbeReport> {
  await acme.customer.putTrustPolicy(trustPolicy);
  try {
    return await acme.probe();
  } finally {
    await acme.customer.putTrustPolicy(trust(principal(), { StringEquals: { 'sts:ExternalId': acme.externalId } }));
  }
}

describe('a customer that followed the guide', () => {
  test('passes every check, and its key is pinned', () => {
    const { report, customer } = acme;
    expect(report.checks.map(({ check, region }) => [check, region].filter(Boolean).join(' '))).toEqual([
      'configuration',
      'external_id',
      'assume_role',
      'caller_account',
      `describe_key ${MAIN}`,
      `describe_key ${REPLICA}`,
      `public_key ${MAIN}`,
      `public_key ${REPLICA}`,
      `encrypt ${MAIN}`,
      `decrypt ${REPLICA}`,
      `encrypt ${REPLICA}`,
      `decrypt ${MAIN}`,
    ]);
    expect(report).toMatchObject({
      ok: true,
      health: 'healthy',
      config: { ...customer.target, publicKey: expect.any(String), fingerprint: expect.any(String) },
    });
    expect(report.calls.filter(({ operation, outcome }) => operation === 'AssumeRole' && outcome === 'refused')).toHaveLength(4);
  });

  test('may have the role on a path, and RSA_3072, of which it is told', async () => {
    const { report } = await probing.probed({ rolePath: '/security/keyhold/', keySpec: 'RSA_3072' });
    expect(report.ok).toBe(true);
    expect(report.checks.filter(({ cause }) => cause === 'key_spec_rsa_3072').map(({ region }) => region)).toEqual([MAIN, REPLICA]);
  });
});

describe('a role that does not protect its owner', () => {
  const externalId = () => acme.externalId;

  test.each<[string, () => object | undefined, string]>([
    ['demands no external ID', () => undefined, 'external_id_not_required'],
    [
      'demands one only from those who bring one',
      () => ({ StringEqualsIfExists: { 'sts:ExternalId': externalId() } }),
      'external_id_not_required',
    ],
    ['accepts any', () => ({ StringLike: { 'sts:ExternalId': '*' } }), 'external_id_any_accepted'],
    [
      'accepts what begins like the right one',
      () => ({ StringLike: { 'sts:ExternalId': `${externalId()}*` } }),
      'external_id_pattern_accepted',
    ],
    [
      'accepts what ends like the right one',
      () => ({ StringLike: { 'sts:ExternalId': `*${externalId()}` } }),
      'external_id_pattern_accepted',
    ],
    [
      'accepts what has its first digits',
      () => ({ StringLike: { 'sts:ExternalId': `${externalId().slice(0, 4)}*` } }),
      'external_id_pattern_accepted',
    ],
  ])('is refused when it %s', async (_case, condition, cause) => {
    const report = await probedWith(trust(principal(), condition()));
    expect(failures(report)).toEqual([`external_id ${cause}`]);
    expect(report).toMatchObject({ ok: false, health: 'refused' });
    expect(report.checks.at(-1)?.awsRequestId).toBeDefined();
  });

  test('is not taken for protected when nobody could be asked', async () => {
    await probing.world.sandbox.control.fault({ service: 'sts', fault: { kind: 'error', status: 503, code: 'ServiceUnavailable' } });
    const fresh = new AwsKmsStrategy(probing.world.aws());
    const report = await fresh.open(acme.vaultKey()).probe();
    expect(failures(report)).toEqual([`external_id external_id_proof_not_possible ${REPLICA}`, `assume_role sts_unreachable ${REPLICA}`]);
    expect(report).toMatchObject({ ok: false, health: 'unreachable' });
  });
});

describe('a role that does not let us in', () => {
  const REFUSED = ['assume_role assume_role_refused us-east-2'];
  const otherId = { StringEquals: { 'sts:ExternalId': 'another-workspace' } };

  test.each<[string, () => object]>([
    ['another external ID', () => trust(principal(), otherId)],
    ['a placeholder left in it', () => trust(principal(), { StringEquals: { 'sts:ExternalId': '<WORKSPACE_ID>' } })],
    ['another principal', () => trust(userArn(), undefined)],
  ])('is refused: %s', async (_case, policy) => {
    const report = await probedWith(policy());
    expect(failures(report)).toEqual(REFUSED);
    expect(report.checks.at(-1)).toMatchObject({ awsError: 'AccessDenied', awsRequestId: expect.any(String) });
    expect(report.health).toBe('refused');
  });

  test('is refused: it does not exist', async () => {
    const { target } = acme;
    expect(failures(await acme.probe(undefined, { ...target, roleArn: `${target.roleArn}-gone` }))).toEqual(REFUSED);
  });

  test('is refused at once when it lets us in no more, whatever session is kept, and green again once repaired', async () => {
    expect((await acme.probe('healthy')).ok).toBe(true);
    expect(failures(await probedWith(trust(principal(), otherId)))).toEqual(REFUSED);
    expect(await acme.probe('refused')).toMatchObject({ ok: true, health: 'healthy' });
  });
});
