import 'reflect-metadata';
import { IsIn, IsOptional, IsUrl, Matches } from 'class-validator';
import {
  AWS_REGIONS,
  type AwsOptions,
  type AwsRegion,
  CustomerKms,
  ManagedKeyAdministration,
  type StaticCredentials,
  regionPair,
} from '#aws';
import { must } from './setting-rules.js';

const ROLE_ARN = /^arn:aws:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/;
const ONE_OF_REGIONS = must(`one of ${AWS_REGIONS.join(', ')}`);

/** Who this installation is in AWS, and where its customers' keys are: the same for every process. */
export class AwsSettings {
  /** The identity that customers' trust policies name. */
  @Matches(
    /^arn:aws:iam::\d{12}:(?:role|user)\/[\w+=,.@/-]{1,576}$/,
    must('the ARN that customers let in, such as arn:aws:iam::111122223333:role/keyhold'),
  )
  awsPrincipalArn: string;

  /** Whether this process already is that identity, or assumes it first. */
  @IsIn(['ambient', 'assume'], must('"ambient" when this process runs as the principal, or "assume" when it assumes that role'))
  awsPrincipalMode: 'ambient' | 'assume' = 'ambient';

  /** One address for all of AWS: the sandbox. */
  @IsOptional()
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false }, must('the http or https address of the sandbox'))
  awsEndpoint?: string;

  @IsIn(AWS_REGIONS, ONE_OF_REGIONS)
  mainRegion: AwsRegion = 'us-east-2';

  @IsIn(AWS_REGIONS, ONE_OF_REGIONS)
  replicaRegion: AwsRegion = 'us-west-2';

  /** The role that uses the keys which the service makes for vaults. Both roles, or neither: then it makes none. */
  @IsOptional()
  @Matches(ROLE_ARN, must('the ARN of the role that uses managed keys'))
  managedKeyUserRoleArn?: string;

  /** The role that makes and ends those keys, and cannot use them. */
  @IsOptional()
  @Matches(ROLE_ARN, must('the ARN of the role that makes and ends managed keys'))
  managedKeyAdministratorRoleArn?: string;

  /**
   * What AWS identities sign, with their workspace, to say whom they mean, and what tags the keys that the service makes; a copy of
   * a deployment has another one.
   */
  @Matches(/^[a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?$/, must('a name of this deployment, such as keyhold.example.com'))
  deploymentId = 'keyhold';
}

/** Properties that have no value of their own. */
export const UNSET_AWS_SETTINGS = [
  'awsPrincipalArn',
  'awsEndpoint',
  'managedKeyUserRoleArn',
  'managedKeyAdministratorRoleArn',
] as const satisfies readonly (keyof AwsSettings)[];

/** A sentence for each thing that is wrong with several of them together. */
export function awsProblems(settings: AwsSettings): string[] {
  return [...regionProblems(settings), ...managedKeyProblems(settings)];
}

function regionProblems({ mainRegion, replicaRegion }: AwsSettings): string[] {
  return mainRegion === replicaRegion ? ['KEYHOLD_REPLICA_REGION must be another Region than KEYHOLD_MAIN_REGION.'] : [];
}

/** Whoever uses a key must not be able to change it, nor the other way round. */
function managedKeyProblems({ managedKeyUserRoleArn: user, managedKeyAdministratorRoleArn: administrator }: AwsSettings): string[] {
  if (user === undefined && administrator === undefined) return [];
  if (user === undefined || administrator === undefined)
    return ['KEYHOLD_MANAGED_KEY_USER_ROLE_ARN and KEYHOLD_MANAGED_KEY_ADMINISTRATOR_ROLE_ARN belong together: set both, or neither.'];
  if (user === administrator || accountIn(user) !== accountIn(administrator))
    return ['KEYHOLD_MANAGED_KEY_USER_ROLE_ARN and KEYHOLD_MANAGED_KEY_ADMINISTRATOR_ROLE_ARN must be two roles of one account.'];
  return [];
}

const accountIn = (roleArn: string): string | undefined => roleArn.split(':')[4];

/** Customers' AWS as this process reaches it. */
export function customerKms(settings: AwsSettings, baseCredentials: StaticCredentials | undefined): CustomerKms {
  return new CustomerKms(optionsOf(settings, baseCredentials));
}

/** The way to make keys in the platform's own account; undefined where the operator has not set it up. */
export function managedKeyAdministration(
  settings: AwsSettings,
  baseCredentials: StaticCredentials | undefined,
): ManagedKeyAdministration | undefined {
  const { managedKeyUserRoleArn: userRoleArn, managedKeyAdministratorRoleArn: administratorRoleArn, deploymentId } = settings;
  if (userRoleArn === undefined || administratorRoleArn === undefined) return undefined;
  const roles = { userRoleArn, administratorRoleArn };
  return new ManagedKeyAdministration({ ...optionsOf(settings, baseCredentials), roles, deploymentId });
}

function optionsOf(settings: AwsSettings, baseCredentials: StaticCredentials | undefined): AwsOptions {
  return {
    regions: regionPair(settings.mainRegion, settings.replicaRegion),
    principalArn: settings.awsPrincipalArn,
    mode: settings.awsPrincipalMode,
    ...(baseCredentials && { baseCredentials }),
    ...(settings.awsEndpoint && { endpoint: settings.awsEndpoint }),
  };
}
