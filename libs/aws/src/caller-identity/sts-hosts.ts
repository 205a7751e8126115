/** The partition of this deployment: an identity of another one is nobody here. */
export const PARTITION = 'aws';

/**
 * STS in every Region of the partition, opt-in Regions included: a caller signs for its own. A table and not a pattern, because
 * what a stranger names here becomes the host that is asked who the stranger is.
 */
const STS_HOSTS: ReadonlyMap<string, string> = new Map([
  ['af-south-1', 'sts.af-south-1.amazonaws.com'],
  ['ap-east-1', 'sts.ap-east-1.amazonaws.com'],
  ['ap-east-2', 'sts.ap-east-2.amazonaws.com'],
  ['ap-northeast-1', 'sts.ap-northeast-1.amazonaws.com'],
  ['ap-northeast-2', 'sts.ap-northeast-2.amazonaws.com'],
  ['ap-northeast-3', 'sts.ap-northeast-3.amazonaws.com'],
  ['ap-south-1', 'sts.ap-south-1.amazonaws.com'],
  ['ap-south-2', 'sts.ap-south-2.amazonaws.com'],
  ['ap-southeast-1', 'sts.ap-southeast-1.amazonaws.com'],
  ['ap-southeast-2', 'sts.ap-southeast-2.amazonaws.com'],
  ['ap-southeast-3', 'sts.ap-southeast-3.amazonaws.com'],
  ['ap-southeast-4', 'sts.ap-southeast-4.amazonaws.com'],
  ['ap-southeast-5', 'sts.ap-southeast-5.amazonaws.com'],
  ['ap-southeast-6', 'sts.ap-southeast-6.amazonaws.com'],
  ['ap-southeast-7', 'sts.ap-southeast-7.amazonaws.com'],
  ['ca-central-1', 'sts.ca-central-1.amazonaws.com'],
  ['ca-west-1', 'sts.ca-west-1.amazonaws.com'],
  ['eu-central-1', 'sts.eu-central-1.amazonaws.com'],
  ['eu-central-2', 'sts.eu-central-2.amazonaws.com'],
  ['eu-north-1', 'sts.eu-north-1.amazonaws.com'],
  ['eu-south-1', 'sts.eu-south-1.amazonaws.com'],
  ['eu-south-2', 'sts.eu-south-2.amazonaws.com'],
  ['eu-west-1', 'sts.eu-west-1.amazonaws.com'],
  ['eu-west-2', 'sts.eu-west-2.amazonaws.com'],
  ['eu-west-3', 'sts.eu-west-3.amazonaws.com'],
  ['il-central-1', 'sts.il-central-1.amazonaws.com'],
  ['me-central-1', 'sts.me-central-1.amazonaws.com'],
  ['me-south-1', 'sts.me-south-1.amazonaws.com'],
  ['mx-central-1', 'sts.mx-central-1.amazonaws.com'],
  ['sa-east-1', 'sts.sa-east-1.amazonaws.com'],
  ['us-east-1', 'sts.us-east-1.amazonaws.com'],
  ['us-east-2', 'sts.us-east-2.amazonaws.com'],
  ['us-west-1', 'sts.us-west-1.amazonaws.com'],
  ['us-west-2', 'sts.us-west-2.amazonaws.com'],
]);

/** Undefined for everything that is no Region of the partition. */
export const stsHost = (region: string): string | undefined => STS_HOSTS.get(region);
