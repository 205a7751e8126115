import { describe, expect, test } from '@jest/globals';
import { keyArn, regionPair } from '../regions.js';
import { permissionPolicy, trustPolicy } from '../policy-documents.js';
import { SETUP_FILES, type SetupFileName, type SetupValues, setupFile } from './setup-files.js';
import { cloudFormationFaults } from './testing/cloudformation-faults.js';
import { terraformFaults, terraformModuleOf } from './testing/terraform-faults.js';

const VALUES: SetupValues = {
  principalArn: 'arn:aws:iam::999988887777:role/keyhold',
  externalId: '0197a000-0000-7000-8000-0000000000ab',
  regions: regionPair('us-east-2', 'us-west-2'),
};
const NAMES = Object.keys(SETUP_FILES) as SetupFileName[];
const textOf = (name: SetupFileName, values = VALUES): string => setupFile(name, values).text;

/** As far as these tests look into it. */
interface Template {
  Resources: Record<string, { Properties: Record<string, unknown>; DeletionPolicy?: string }>;
  Outputs: Record<string, { Value: unknown }>;
  Rules: { Region: { Assertions: { Assert: unknown }[] } };
}
const templateOf = (name: SetupFileName): Template => JSON.parse(textOf(name)) as Template;

describe.each(NAMES)('the set-up file %s', (name) => {
  test('is the same for the same values, and another one for other values', () => {
    expect(setupFile(name, { ...VALUES })).toEqual(setupFile(name, VALUES));
    const elsewhere = { ...VALUES, regions: regionPair('eu-central-1', 'eu-west-1') };
    expect(textOf(name, elsewhere)).not.toBe(textOf(name));
    expect(textOf(name, elsewhere)).not.toMatch(/us-(?:east|west)-2/);
  });

  test('is plain text without placeholders to fill in', () => {
    expect(textOf(name)).toMatch(/^[\x20-\x7e\n]+$/);
    expect(textOf(name)).not.toMatch(/<[A-Z_ ]+>|\{\{|TODO/);
    expect(setupFile(name, VALUES).fileName).toMatch(/^keyhold-[a-z0-9.-]+$/);
  });
});

describe('the CloudFormation templates', () => {
  test.each(['cloudformation', 'cloudformation-replica'] as const)('%s are made of what AWS knows', (name) => {
    expect(cloudFormationFaults(textOf(name))).toEqual([]);
  });

  test.each([
    ['cloudformation', '"KeySpec"', '"KeySpek"', 'Key.KeySpek is not known'],
    ['cloudformation', '"RSA_4096"', '"RSA_4095"', 'Key.KeySpec cannot be RSA_4095'],
    ['cloudformation', '"MultiRegion": true', '"MultiRegion": "yes"', 'Key.MultiRegion must be boolean'],
    ['cloudformation', '"AssumeRolePolicyDocument"', '"TrustPolicy"', 'Role.AssumeRolePolicyDocument is missing'],
    ['cloudformation', '"PolicyName"', '"Name"', 'Role.Policies[0].PolicyName is missing'],
    ['cloudformation', 'AWS::KMS::Alias', 'AWS::KMS::Allias', 'KeyAlias: AWS::KMS::Allias is no type of resource'],
    ['cloudformation', '"Role",\n          "Arn"', '"Role",\n          "Urn"', 'Role has no attribute Urn'],
    ['cloudformation', '"Ref": "Key"', '"Ref": "Kee"', 'Kee is not in the template'],
    ['cloudformation-replica', '"KeyPolicy"', '"Policy"', 'ReplicaKey.KeyPolicy is missing'],
    [
      'cloudformation-replica',
      '"PrimaryKeyArn": {\n          "Ref"',
      '"MainKeyArn": {\n          "Ref"',
      'ReplicaKey.PrimaryKeyArn is missing',
    ],
    ['cloudformation-replica', 'alias/${Name}', 'alias/${Nime}', 'Nime is not in the template'],
    ['cloudformation-replica', '"DeletionPolicy"', '"DelitionPolicy"', 'ReplicaKey.DelitionPolicy is not known'],
  ] as const)('would be found out: %s with %j as %j', (name, right, wrong, fault) => {
    const text = textOf(name);
    expect(text).toContain(right);
    expect(cloudFormationFaults(text.replace(right, wrong))).toContain(fault);
  });

  test('belong each into its Region, and can be used in no other', () => {
    const regionOf = (name: SetupFileName) => templateOf(name).Rules.Region.Assertions.map(({ Assert }) => Assert);
    expect(regionOf('cloudformation')).toEqual([{ 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-2'] }]);
    expect(regionOf('cloudformation-replica')).toEqual([{ 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-west-2'] }]);
    expect(NAMES.map((name) => setupFile(name, VALUES).fileName)).toEqual([
      'keyhold-1-us-east-2.template.json',
      'keyhold-2-us-west-2.template.json',
      'keyhold-vault-key.tf',
      'keyhold-aws-setup.sh',
    ]);
  });

  test('make a role with our two policies, and a key that stays when its stack is deleted', () => {
    const { Resources, Outputs } = templateOf('cloudformation');
    expect(Resources['Role']?.Properties).toMatchObject({
      AssumeRolePolicyDocument: trustPolicy(VALUES),
      Policies: [
        {
          PolicyDocument: permissionPolicy<object>({
            keyArns: [{ 'Fn::GetAtt': ['Key', 'Arn'] }, { 'Fn::Sub': 'arn:aws:kms:us-west-2:${AWS::AccountId}:key/${Key}' }],
          }),
        },
      ],
    });
    const keys = [Resources['Key'], templateOf('cloudformation-replica').Resources['ReplicaKey']];
    for (const key of keys) {
      expect(key).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
      expect(key?.Properties['KeyPolicy']).toMatchObject({
        Statement: [{ Principal: { AWS: { 'Fn::Sub': 'arn:aws:iam::${AWS::AccountId}:root' } }, Action: 'kms:*' }],
      });
    }
    expect(Outputs).toMatchObject({
      AccountId: {},
      KeyId: { Value: { Ref: 'Key' } },
      RoleArn: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] } },
    });
  });
});

describe('the Terraform module', () => {
  test('is made of what its provider knows', async () => {
    expect(await terraformFaults(textOf('terraform'))).toEqual([]);
  });

  test.each([
    ['multi_region ', 'multiregion ', 'aws_kms_key.vault.multiregion is not known'],
    ['primary_key_arn ', 'primary_arn ', 'aws_kms_replica_key.vault.primary_key_arn is missing'],
    ['assume_role_policy ', 'trust_policy ', 'aws_iam_role.keyhold.assume_role_policy is missing'],
    ['resource "aws_kms_replica_key"', 'resource "aws_kms_replica"', 'aws_kms_replica.vault: aws_kms_replica is no type of resource'],
    ['aws.replica', 'aws.other', 'aws_kms_replica_key.vault has no provider of the module'],
    ['aws_kms_key.vault.arn', 'aws_kms_key.main.arn', 'aws_kms_key.main is not in the module'],
    ['alias/${var.name}', 'alias/${var.nam}', 'var.nam is not in the module'],
  ])('would be found out with %j as %j', async (right, wrong, fault) => {
    const text = textOf('terraform');
    expect(text).toContain(right);
    expect(await terraformFaults(text.replace(right, wrong))).toContain(fault);
  });

  test('is refused by its parser when a brace is missing', async () => {
    await expect(terraformFaults(textOf('terraform').replace('})', ')'))).rejects.toThrow();
  });

  test('makes a key that nobody destroys by the way, its replica in the other Region, and three outputs', async () => {
    const { provider, resource, output } = await terraformModuleOf(textOf('terraform'));
    expect(provider?.['aws']).toEqual([
      { alias: 'main', region: 'us-east-2' },
      { alias: 'replica', region: 'us-west-2' },
    ]);
    expect(resource?.['aws_kms_key']?.['vault']?.[0]).toMatchObject({
      customer_master_key_spec: 'RSA_4096',
      key_usage: 'ENCRYPT_DECRYPT',
      multi_region: true,
      lifecycle: [{ prevent_destroy: true }],
    });
    expect(resource?.['aws_kms_replica_key']?.['vault']?.[0]).toMatchObject({
      provider: '${aws.replica}',
      lifecycle: [{ prevent_destroy: true }],
    });
    expect(Object.keys(output ?? {})).toEqual(['account_id', 'key_id', 'role_arn']);
  });

  test('takes nothing in a value for an expression', async () => {
    const hostile = textOf('terraform', { ...VALUES, externalId: 'a"${file("/etc/passwd")}%{if true}' });
    const { resource } = await terraformModuleOf(hostile);
    expect(JSON.stringify(resource?.['aws_iam_role'])).toContain('$${file');
  });
});

describe('the script', () => {
  const script = textOf('cli');

  test('stops at the first failure, and speaks of no address', () => {
    expect(script.startsWith('#!/usr/bin/env bash\n')).toBe(true);
    expect(script).toContain('\nset -euo pipefail\n');
    expect(script).not.toMatch(/endpoint|https?:|127\.0\.0\.1|localhost/i);
  });

  test('asks for the same key and role as the other files', () => {
    const [, trust = ''] = /^trust_policy='(.*)'$/m.exec(script) ?? [];
    expect(JSON.parse(trust)).toEqual(trustPolicy(VALUES));
    const [, permission = ''] = /^permission_policy='(.*)'$/m.exec(script) ?? [];
    const filled = permission
      .replaceAll(`'"$account_id"'`, '111122223333')
      .replaceAll(`'"$key_id"'`, 'mrk-1')
      .replaceAll(`'"$main_region"'`, 'us-east-2')
      .replaceAll(`'"$replica_region"'`, 'us-west-2');
    const keyArns = [keyArn('us-east-2', '111122223333', 'mrk-1'), keyArn('us-west-2', '111122223333', 'mrk-1')];
    expect(JSON.parse(filled)).toEqual(permissionPolicy({ keyArns }));
  });

  test('keeps a value one word, whatever is in it', () => {
    const hostile = textOf('cli', { ...VALUES, externalId: `a'; rm -rf / #` });
    expect(hostile).toContain(`a'\\''; rm -rf / #`);
  });
});
