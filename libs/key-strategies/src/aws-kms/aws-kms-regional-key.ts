import type { AwsRegion, Clock, CustomerKey, CustomerKms } from '#aws';
import type { KeyWrapper, RegionFinding, RegionalKey, VaultKey } from '../contract.js';
import { askAws } from '../kms-keys/ask-aws.js';
import { parseConfig } from '../kms-keys/aws-kms-config.js';
import { customerKeyOf } from '../kms-keys/aws-kms-key.js';
import { AwsKmsWrapper } from '../kms-keys/aws-kms-wrapper.js';
import { type Effect, effectOf } from '../kms-keys/causes.js';
import { checkDescription } from '../kms-keys/check-description.js';
import { CUSTOMER_KEY } from '../kms-keys/key-kind.js';
import { type Finding, failedBy, passed, restingOn } from '../kms-keys/finding.js';

const SAYS = {
  refused: 'refused',
  pending_deletion: 'refused',
  unasked: 'silent',
  unchanged: 'silent',
  degraded: 'usable',
} as const satisfies Record<Effect, RegionFinding['says']>;

/** The customer's key in each of its two Regions by itself. */
export class AwsKmsRegionalKey implements RegionalKey {
  readonly main: AwsRegion;
  readonly replica: AwsRegion;

  constructor(
    private readonly aws: CustomerKms,
    private readonly clock: Clock,
    private readonly key: VaultKey,
  ) {
    ({ main: this.main, replica: this.replica } = aws.regions);
  }

  describe(): Promise<readonly RegionFinding[]> {
    const key = customerKeyOf(this.key, parseConfig(this.key.config));
    return Promise.all([this.main, this.replica].map((region) => this.#describe(key, region)));
  }

  replicaAlone(): KeyWrapper {
    return new AwsKmsWrapper(this.aws, this.clock, this.key, undefined, CUSTOMER_KEY, this.replica);
  }

  async #describe(key: CustomerKey, region: AwsRegion): Promise<RegionFinding> {
    const answer = await askAws([], (trail) => this.aws.describeKey({ key, purpose: 'probe', trail, regions: [region] }));
    if ('error' in answer) return findingOf(failedBy(answer.error, 'describe_key', region), region);
    const findings = checkDescription(answer.value, region, this.aws.regions);
    const failure = findings.find(({ ok }) => !ok) ?? passed('describe_key', region);
    return findingOf(restingOn(answer.requestId, failure), region);
  }
}

function findingOf(finding: Finding, region: string): RegionFinding {
  const { awsRequestId } = finding;
  const rest = awsRequestId === undefined ? {} : { awsRequestId };
  if (finding.ok) return { region, says: 'usable', ...rest };
  const { cause, awsError } = finding;
  return { region, says: SAYS[effectOf(cause)], cause, ...(awsError && { awsError }), ...rest };
}
