import { describe, expect, test } from '@jest/globals';
import { permissionPolicy, sessionPolicy, trustPolicy } from './policy-documents.js';

const keyArns = [
  'arn:aws:kms:us-east-2:111122223333:key/mrk-2e22d3121daf471f87bee0690fadeaee',
  'arn:aws:kms:us-west-2:111122223333:key/mrk-2e22d3121daf471f87bee0690fadeaee',
];
const json = (document: object): unknown => JSON.parse(JSON.stringify(document));

describe('policy documents', () => {
  test('the trust policy names one role and one external ID', () => {
    const document = trustPolicy({
      principalArn: 'arn:aws:iam::999988887777:role/keyhold',
      externalId: '0197a000-0000-7000-8000-000000000001',
    });
    expect(json(document)).toStrictEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::999988887777:role/keyhold' },
          Action: 'sts:AssumeRole',
          Condition: { StringEquals: { 'sts:ExternalId': '0197a000-0000-7000-8000-000000000001' } },
        },
      ],
    });
  });

  test('the permission policy allows four actions on two keys', () => {
    expect(json(permissionPolicy({ keyArns }))).toStrictEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'AllowKeyholdToUseKmsKey',
          Effect: 'Allow',
          Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:GetPublicKey', 'kms:DescribeKey'],
          Resource: keyArns,
        },
      ],
    });
  });

  test('the session policy allows one algorithm, and reading the key without one', () => {
    expect(json(sessionPolicy({ keyArns }))).toStrictEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: ['kms:Encrypt', 'kms:Decrypt'],
          Resource: keyArns,
          Condition: { StringEquals: { 'kms:EncryptionAlgorithm': 'RSAES_OAEP_SHA_256' } },
        },
        { Effect: 'Allow', Action: ['kms:GetPublicKey', 'kms:DescribeKey'], Resource: keyArns },
      ],
    });
  });

  test('the session policy fits in what AssumeRole takes', () => {
    expect(JSON.stringify(sessionPolicy({ keyArns })).length).toBeLessThan(2048);
  });
});
