import { randomUUID } from 'node:crypto';
import { aCustomer, type Customer, type CustomerOrder, REGIONS } from '../../../../test/harness/customer.js';
import { aPlatform, type Platform } from '../../../../test/harness/platform.js';
import { type RunningSandbox, type SandboxCall, startSandbox } from '../../../../test/harness/sandbox.js';
import type { AwsOptions } from '../aws-options.js';
import type { CustomerKey } from '../customer-key.js';
import { CustomerKms } from '../customer-kms.js';

/** A sandbox of its own with the platform's account in it. */
export interface AwsWorld {
  sandbox: RunningSandbox;
  platform: Platform;
  /** Options for this lib in this world; `changes` win. */
  options(changes?: Partial<AwsOptions>): AwsOptions;
  aws(changes?: Partial<AwsOptions>): CustomerKms;
  /** A customer that follows the guide, but for the deviations, and the way to its key for a new workspace. */
  customer(deviations?: Partial<CustomerOrder>): Promise<{ customer: Customer; key: CustomerKey }>;
  /** What the sandbox saw while `work` ran. */
  seen(work: () => Promise<unknown>): Promise<SandboxCall[]>;
  close(): Promise<void>;
}

export async function anAwsWorld(): Promise<AwsWorld> {
  const sandbox = await startSandbox();
  const platform = await aPlatform(sandbox);
  const opened: CustomerKms[] = [];
  const options = (changes?: Partial<AwsOptions>): AwsOptions => {
    const { principalArn, baseCredentials } = platform;
    return { regions: REGIONS, principalArn, baseCredentials, mode: 'assume', endpoint: sandbox.url, ...changes };
  };
  return {
    sandbox,
    platform,
    options,
    aws(changes) {
      const aws = new CustomerKms(options(changes));
      opened.push(aws);
      return aws;
    },
    async customer(deviations) {
      const workspaceId = randomUUID();
      const customer = await aCustomer(sandbox, { externalId: workspaceId, principalArn: platform.principalArn, ...deviations });
      return { customer, key: { workspaceId, vaultId: randomUUID(), externalId: workspaceId, ...customer.target } };
    },
    async seen(work) {
      const { lastSeq } = await sandbox.control.ledger();
      await work();
      return (await sandbox.control.ledger(lastSeq)).calls;
    },
    async close() {
      for (const aws of opened) aws.close();
      await sandbox.stop();
    },
  };
}
