import { AwsError } from './aws-error.js';

/**
 * The Regions Keyhold talks to: enabled in every commercial account, so that a customer need not opt in. A table and not a
 * pattern, because a Region becomes part of a host name.
 */
export const AWS_REGIONS = [
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
  'ca-central-1',
  'sa-east-1',
  'eu-central-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'eu-north-1',
  'ap-south-1',
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-southeast-1',
  'ap-southeast-2',
] as const;
export type AwsRegion = (typeof AWS_REGIONS)[number];

/** Where a deployment keeps customers' keys: the primary key in `main`, its replica in `replica`. */
export interface RegionPair {
  readonly main: AwsRegion;
  readonly replica: AwsRegion;
}

/** Throws `bad_options` for a Region outside the table and for a pair that is no pair. */
export function regionPair(main: string, replica: string): RegionPair {
  if (main === replica) throw new AwsError('bad_options', { reason: 'the main Region and the replica’s must differ' });
  return { main: awsRegion(main), replica: awsRegion(replica) };
}

function awsRegion(name: string): AwsRegion {
  const region = AWS_REGIONS.find((known) => known === name);
  if (region === undefined) throw new AwsError('bad_options', { reason: `a Region must be one of ${AWS_REGIONS.join(', ')}` });
  return region;
}

/** A multi-Region key has one id and one ARN per Region; they differ in the Region alone. */
export function keyArn(region: AwsRegion, accountId: string, keyId: string): string {
  return `arn:aws:kms:${region}:${accountId}:key/${keyId}`;
}

export type AwsService = 'kms' | 'sts';

export function serviceEndpoint(service: AwsService, region: AwsRegion): string {
  return `https://${service}.${region}.amazonaws.com`;
}
