import { randomUUID } from 'node:crypto';
import type { Customer, CustomerOrder } from '../../../../../test/harness/customer.js';
import { type AwsWorld, anAwsWorld } from '../../../../aws/src/testing/aws-world.js';
import type { KeyHealth, ProbeReport, VaultKey } from '../../contract.js';
import type { AwsKmsTarget } from '../../kms-keys/aws-kms-config.js';
import { AwsKmsStrategy } from '../aws-kms-strategy.js';

export const MAIN = 'us-east-2';
export const REPLICA = 'us-west-2';

/** A customer, the way to its key for a workspace of its own, and what the probe finds there. */
export interface Probed {
  customer: Customer;
  externalId: string;
  target: AwsKmsTarget;
  report: ProbeReport;
  /** The vault key as it would be stored; its configuration is what the customer typed, or the one given. */
  vaultKey(config?: unknown): VaultKey;
  probe(lastKnown?: KeyHealth, config?: unknown): Promise<ProbeReport>;
}

export interface ProbingWorld {
  world: AwsWorld;
  strategy: AwsKmsStrategy;
  /** A customer that follows the guide, but for the deviations and what `prepare` does in its account. */
  probed(deviations?: Partial<CustomerOrder>, prepare?: (customer: Customer) => Promise<unknown>): Promise<Probed>;
}

export async function aProbingWorld(): Promise<ProbingWorld> {
  const world = await anAwsWorld();
  const strategy = new AwsKmsStrategy(world.aws({ limits: { attemptMs: 300 } }));
  return {
    world,
    strategy,
    async probed(deviations, prepare) {
      const { customer, key } = await world.customer(deviations);
      await prepare?.(customer);
      const { workspaceId, vaultId, externalId } = key;
      const { target } = customer;
      const vaultKey = (config: unknown = target): VaultKey => ({
        workspaceId,
        vaultId,
        vaultKeyId: randomUUID(),
        strategy: 'aws-kms',
        config,
      });
      const probe: Probed['probe'] = (lastKnown, config) => strategy.open(vaultKey(config), lastKnown).probe();
      return { customer, externalId, target, vaultKey, probe, report: await probe() };
    },
  };
}

/** Failed checks as `check cause Region`. */
export function failures({ checks }: ProbeReport): string[] {
  return checks.filter(({ ok }) => !ok).map(({ check, cause, region }) => [check, cause, region].filter(Boolean).join(' '));
}

/** A trust policy for `principalArn` under a condition, or under none. */
export function trust(principalArn: string, condition: object | undefined): object {
  const statement = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: principalArn } };
  return { Version: '2012-10-17', Statement: [{ ...statement, ...(condition && { Condition: condition }) }] };
}
