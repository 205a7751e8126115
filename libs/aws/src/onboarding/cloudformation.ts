import { keyPolicy, permissionPolicy, trustPolicy } from '../policy-documents.js';
import { DESCRIPTIONS, INLINE_POLICY_NAME, KEY_TERMS, type SetupValues, setupName } from './setup-values.js';

const ACCOUNT_ROOT = { 'Fn::Sub': 'arn:aws:iam::${AWS::AccountId}:root' };
/** Who deletes a stack does not mean to lose what is sealed; of one that failed to be made nothing is. */
const KEPT = { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' } as const;

/** For the main Region: the key and the role. Its outputs are what the service has to be told. */
export function mainTemplate(values: SetupValues): string {
  const { main, replica } = values.regions;
  return template({
    Description:
      `Keyhold, 1 of 2: stack for ${main}, to be created first. The multi-Region key, and the role that lets Keyhold use it. ` +
      `Then create the stack for ${replica} from the second template.`,
    Metadata: interfaceOf([['Name', "Name of the role and of the key's alias"]]),
    Parameters: { Name: nameParameter(values) },
    Rules: onlyIn(main),
    Resources: {
      Key: {
        Type: 'AWS::KMS::Key',
        ...KEPT,
        Properties: {
          Description: DESCRIPTIONS.key,
          KeySpec: KEY_TERMS.keySpec,
          KeyUsage: KEY_TERMS.keyUsage,
          MultiRegion: true,
          PendingWindowInDays: KEY_TERMS.deletionWindowDays,
          KeyPolicy: keyPolicy({ accountRootArn: ACCOUNT_ROOT }),
        },
      },
      KeyAlias: alias('Key'),
      Role: { Type: 'AWS::IAM::Role', Properties: role(values) },
    },
    Outputs: {
      AccountId: { Description: 'Keyhold asks for it: AWS account ID', Value: { Ref: 'AWS::AccountId' } },
      KeyId: { Description: 'Keyhold asks for it: KMS key ID, the same in both Regions', Value: { Ref: 'Key' } },
      RoleArn: { Description: 'Keyhold asks for it: ARN of the role', Value: { 'Fn::GetAtt': ['Role', 'Arn'] } },
      KeyArn: { Description: `PrimaryKeyArn of the stack for ${replica}`, Value: { 'Fn::GetAtt': ['Key', 'Arn'] } },
    },
  });
}

/** For the other Region, when the first stack is there. */
export function replicaTemplate(values: SetupValues): string {
  const { main, replica } = values.regions;
  return template({
    Description: `Keyhold, 2 of 2: stack for ${replica}, to be created when the stack for ${main} is complete. The replica of the key.`,
    Metadata: interfaceOf([
      ['PrimaryKeyArn', `KeyArn, from the outputs of the stack in ${main}`],
      ['Name', 'The same as there'],
    ]),
    Parameters: {
      PrimaryKeyArn: {
        Type: 'String',
        Description: `Output KeyArn of the stack in ${main}`,
        AllowedPattern: `^arn:aws:kms:${main}:[0-9]{12}:key/mrk-[0-9a-f]{32}$`,
        ConstraintDescription: `The ARN of a multi-Region key in ${main}.`,
      },
      Name: nameParameter(values),
    },
    Rules: onlyIn(replica),
    Resources: {
      ReplicaKey: {
        Type: 'AWS::KMS::ReplicaKey',
        ...KEPT,
        Properties: {
          Description: DESCRIPTIONS.key,
          PrimaryKeyArn: { Ref: 'PrimaryKeyArn' },
          PendingWindowInDays: KEY_TERMS.deletionWindowDays,
          KeyPolicy: keyPolicy({ accountRootArn: ACCOUNT_ROOT }),
        },
      },
      KeyAlias: alias('ReplicaKey'),
    },
    Outputs: { KeyId: { Description: 'The same as in the other stack', Value: { Ref: 'ReplicaKey' } } },
  });
}

function role(values: SetupValues): object {
  const replicaArn = { 'Fn::Sub': `arn:aws:kms:${values.regions.replica}:\${AWS::AccountId}:key/\${Key}` };
  const keyArns = [{ 'Fn::GetAtt': ['Key', 'Arn'] }, replicaArn];
  return {
    RoleName: { Ref: 'Name' },
    Description: DESCRIPTIONS.role,
    AssumeRolePolicyDocument: trustPolicy(values),
    Policies: [{ PolicyName: INLINE_POLICY_NAME, PolicyDocument: permissionPolicy<object>({ keyArns }) }],
  };
}

const alias = (key: string): object => ({
  Type: 'AWS::KMS::Alias',
  Properties: { AliasName: { 'Fn::Sub': 'alias/${Name}' }, TargetKeyId: { Ref: key } },
});

const nameParameter = (values: SetupValues): object => ({
  Type: 'String',
  Default: setupName(values),
  Description: 'Another one for each key of this account',
  AllowedPattern: '^[A-Za-z0-9_-]{1,64}$',
  ConstraintDescription: '1 to 64 letters, digits, underscores and hyphens.',
});

/** In any other Region no stack is made, and the message says where it belongs. */
const onlyIn = (region: string): object => ({
  Region: {
    Assertions: [{ Assert: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, region] }, AssertDescription: `This stack belongs into ${region}.` }],
  },
});

const interfaceOf = (labels: readonly (readonly [parameter: string, label: string])[]): object => ({
  'AWS::CloudFormation::Interface': {
    ParameterGroups: [{ Label: { default: 'Keyhold' }, Parameters: labels.map(([parameter]) => parameter) }],
    ParameterLabels: Object.fromEntries(labels.map(([parameter, label]) => [parameter, { default: label }])),
  },
});

const template = (parts: object): string => `${JSON.stringify({ AWSTemplateFormatVersion: '2010-09-09', ...parts }, null, 2)}\n`;
