import 'reflect-metadata';
import { IsIn, IsOptional, IsUrl, Matches } from 'class-validator';
import { AWS_REGIONS, type AwsRegion, CustomerKms, type StaticCredentials, regionPair } from '#aws';
import { must } from './setting-rules.js';

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
}

/** Properties that have no value of their own. */
export const UNSET_AWS_SETTINGS = ['awsPrincipalArn', 'awsEndpoint'] as const satisfies readonly (keyof AwsSettings)[];

export function regionProblems({ mainRegion, replicaRegion }: AwsSettings): string[] {
  return mainRegion === replicaRegion ? ['KEYHOLD_REPLICA_REGION must be another Region than KEYHOLD_MAIN_REGION.'] : [];
}

/** Customers' AWS as this process reaches it. */
export function customerKms(settings: AwsSettings, baseCredentials: StaticCredentials | undefined): CustomerKms {
  return new CustomerKms({
    regions: regionPair(settings.mainRegion, settings.replicaRegion),
    principalArn: settings.awsPrincipalArn,
    mode: settings.awsPrincipalMode,
    ...(baseCredentials && { baseCredentials }),
    ...(settings.awsEndpoint && { endpoint: settings.awsEndpoint }),
  });
}
