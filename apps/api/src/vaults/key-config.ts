import type { AwsKmsDto } from './vaults.dto.js';

/** What a request says about a key, as plain data for the strategy to judge. */
export function keyConfigOf({ awsKms }: { awsKms?: AwsKmsDto }): unknown {
  if (!awsKms) return undefined;
  const { accountId, keyId, roleArn } = awsKms;
  return { accountId, keyId, roleArn };
}
