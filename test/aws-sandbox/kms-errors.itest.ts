import { constants, createPublicKey, publicEncrypt } from 'node:crypto';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DecryptCommand,
  type DecryptCommandInput,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  type EncryptCommandInput,
  GetKeyPolicyCommand,
  GetPublicKeyCommand,
  type KMSClient,
  ListAliasesCommand,
  ListKeysCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  ReplicateKeyCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningSandbox, startSandbox } from '../harness/sandbox.js';
import { type Account, aKey, anAccount, aUser, type Clients, MAIN, OAEP, OTHER, refusalOf, statement } from './sandbox-account.js';

let sandbox: RunningSandbox;
let account: Account;
let kms: KMSClient;
let rsa4096: string;
let rsa2048: string;
let symmetric: string;
let signing: string;

beforeAll(async () => {
  sandbox = await startSandbox();
  account = await anAccount(sandbox);
  kms = account.kms();
  rsa4096 = await aKey(kms, { KeySpec: 'RSA_4096' });
  rsa2048 = await aKey(kms);
  symmetric = await aKey(kms, { KeySpec: 'SYMMETRIC_DEFAULT' });
  signing = await aKey(kms, { KeyUsage: 'SIGN_VERIFY' });
});
afterAll(() => sandbox.stop());

const arn = (keyId: string, region = MAIN) => `arn:aws:kms:${region}:${account.accountId}:key/${keyId}`;
const seal = (input: Partial<EncryptCommandInput>) =>
  kms.send(new EncryptCommand({ KeyId: rsa4096, Plaintext: Buffer.from('x'), EncryptionAlgorithm: OAEP, ...input }));
const open = (input: Partial<DecryptCommandInput>) =>
  kms.send(new DecryptCommand({ KeyId: rsa4096, EncryptionAlgorithm: OAEP, CiphertextBlob: Buffer.from('x'), ...input }));
const textOf = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();

describe('Encrypt', () => {
  it('takes 446 bytes with SHA-256 and 470 with SHA-1 under RSA_4096, and not one more', async () => {
    expect(await refusalOf(seal({ Plaintext: Buffer.alloc(446) }))).toBe('no refusal');
    expect(await refusalOf(seal({ Plaintext: Buffer.alloc(447) }))).toBe(
      'ValidationException: Algorithm RSAES_OAEP_SHA_256 and key spec RSA_4096 cannot encrypt data larger than 446 bytes.',
    );
    expect(await refusalOf(seal({ Plaintext: Buffer.alloc(470), EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' }))).toBe('no refusal');
    expect(await refusalOf(seal({ Plaintext: Buffer.alloc(471), EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' }))).toBe(
      'ValidationException: Algorithm RSAES_OAEP_SHA_1 and key spec RSA_4096 cannot encrypt data larger than 470 bytes.',
    );
  });

  it('takes at most 4096 bytes under any key', async () => {
    expect(await refusalOf(seal({ KeyId: symmetric, EncryptionAlgorithm: undefined, Plaintext: Buffer.alloc(4097) }))).toBe(
      "ValidationException: 1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096",
    );
  });

  it('does not guess the algorithm of an RSA key', async () => {
    expect(await refusalOf(seal({ EncryptionAlgorithm: undefined }))).toBe(
      'InvalidKeyUsageException: Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_4096.',
    );
  });

  it('refuses a signing key', async () => {
    expect(await refusalOf(seal({ KeyId: signing }))).toBe(
      `InvalidKeyUsageException: ${arn(signing)} key usage is SIGN_VERIFY which is not valid for Encrypt.`,
    );
  });

  it('refuses an encryption context with RSA, but not an empty one', async () => {
    expect(await refusalOf(seal({ EncryptionContext: { a: 'b' } }))).toBe(
      'ValidationException: EncryptionContext is not supported when encrypting/decrypting with asymmetric CMKs.',
    );
    expect(await refusalOf(seal({ EncryptionContext: {} }))).toBe('no refusal');
  });

  it('tells a dry run that it would have succeeded', async () => {
    expect(await refusalOf(seal({ DryRun: true }))).toBe(
      'DryRunOperationException: The request would have succeeded, but the DryRun option is set.',
    );
  });

  it('reports a disabled key before a wrong algorithm', async () => {
    const keyId = await aKey(kms);
    await kms.send(new DisableKeyCommand({ KeyId: keyId }));
    expect(await refusalOf(seal({ KeyId: keyId, EncryptionAlgorithm: undefined }))).toBe(`DisabledException: ${arn(keyId)} is disabled.`);
  });
});

describe('Decrypt', () => {
  const invalid = 'InvalidCiphertextException: UnknownError'; // the answer has no message; the SDK puts one there

  it('opens what OpenSSL sealed with the exported public key', async () => {
    const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: rsa4096 }));
    const key = createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' });
    const sealed = publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }, Buffer.from('outside'));
    expect(textOf((await open({ CiphertextBlob: sealed })).Plaintext)).toBe('outside');
  });

  it('refuses the other hash, garbage, a cut ciphertext and another key, all with the same words', async () => {
    const { CiphertextBlob = new Uint8Array() } = await seal({});
    expect(await refusalOf(open({ CiphertextBlob, EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' }))).toBe(invalid);
    expect(await refusalOf(open({ CiphertextBlob: Buffer.alloc(512, 1) }))).toBe(invalid);
    expect(await refusalOf(open({ CiphertextBlob: CiphertextBlob.slice(1) }))).toBe(invalid);
    expect(await refusalOf(open({ CiphertextBlob, KeyId: await aKey(kms, { KeySpec: 'RSA_4096' }) }))).toBe(invalid);
    expect(await refusalOf(open({ CiphertextBlob, KeyId: rsa2048 }))).toBe(invalid);
  });

  it('says that garbage is garbage, even in a dry run', async () => {
    expect(await refusalOf(open({ CiphertextBlob: Buffer.alloc(512, 1), DryRun: true }))).toBe(invalid);
  });

  it('needs the key of an RSA ciphertext to be named', async () => {
    expect(await refusalOf(open({ KeyId: undefined }))).toBe('ValidationException: KeyId must not be null');
  });

  it('takes an RSA ciphertext without an algorithm for garbage', async () => {
    const { CiphertextBlob } = await seal({});
    expect(await refusalOf(open({ CiphertextBlob, EncryptionAlgorithm: undefined }))).toBe(invalid);
  });

  it('finds the key of a symmetric ciphertext by itself, and holds it to its context', async () => {
    const context = { purpose: 'test', tenant: 'a' };
    const { CiphertextBlob } = await seal({ KeyId: symmetric, EncryptionAlgorithm: undefined, EncryptionContext: context });
    const unnamed = { KeyId: undefined, EncryptionAlgorithm: undefined, CiphertextBlob };
    expect(textOf((await open({ ...unnamed, EncryptionContext: { tenant: 'a', purpose: 'test' } })).Plaintext)).toBe('x');
    expect(await refusalOf(open({ ...unnamed, EncryptionContext: { ...context, tenant: 'b' } }))).toBe(invalid);
    expect(await refusalOf(open(unnamed))).toBe(invalid);
    const other = await aKey(kms, { KeySpec: 'SYMMETRIC_DEFAULT' });
    expect(await refusalOf(open({ ...unnamed, KeyId: other, EncryptionContext: context }))).toBe(
      'IncorrectKeyException: The key ID in the request does not identify a CMK that can perform this operation.',
    );
  });
});

describe('naming a key', () => {
  const describeKey = (keyId: string, by = kms) => refusalOf(by.send(new DescribeKeyCommand({ KeyId: keyId })));
  const unknown = 'mrk-0123456789abcdef0123456789abcdef';

  it('works by id, ARN, alias and alias ARN', async () => {
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/by-name', TargetKeyId: rsa2048 }));
    const aliasArn = `arn:aws:kms:${MAIN}:${account.accountId}:alias/by-name`;
    for (const name of [rsa2048, arn(rsa2048), 'alias/by-name', aliasArn]) {
      expect((await kms.send(new DescribeKeyCommand({ KeyId: name }))).KeyMetadata?.KeyId).toBe(rsa2048);
    }
    const { Aliases } = await kms.send(new ListAliasesCommand({ KeyId: rsa2048 }));
    expect(Aliases).toMatchObject([{ AliasName: 'alias/by-name', AliasArn: aliasArn, TargetKeyId: rsa2048 }]);
    expect(await refusalOf(kms.send(new CreateAliasCommand({ AliasName: 'alias/by-name', TargetKeyId: rsa4096 })))).toBe(
      `AlreadyExistsException: An alias with the name ${aliasArn} already exists`,
    );
  });

  it('fails with AWS’s words for each kind of wrong name', async () => {
    expect(await describeKey(unknown)).toBe(`NotFoundException: Key '${arn(unknown)}' does not exist`);
    expect(await describeKey(arn(rsa2048, OTHER))).toBe(`NotFoundException: Invalid arn ${OTHER}`);
    expect(await describeKey('fake-key-id')).toBe("NotFoundException: Invalid keyId 'fake-key-id'");
    expect(await describeKey('mrk-fake-key-id')).toBe("NotFoundException: Invalid keyId 'mrk-fake-key-id'");
    expect(await describeKey('alias/none')).toBe(
      `NotFoundException: Alias arn:aws:kms:${MAIN}:${account.accountId}:alias/none is not found.`,
    );
    expect(await describeKey(`arn:aws:s3:${MAIN}:${account.accountId}:key/${unknown}`)).toMatch(/^InvalidArnException: /);
    expect(await describeKey(rsa2048, account.kms(OTHER))).toBe(`NotFoundException: Key '${arn(rsa2048, OTHER)}' does not exist`);
  });

  it('tells nothing to whoever has no permission', async () => {
    const stranger = await aUser(sandbox.url, account, 'stranger', statement('kms:Encrypt'));
    const strangerArn = `arn:aws:iam::${account.accountId}:user/stranger`;
    expect(await describeKey(rsa2048, stranger.kms())).toBe(
      `AccessDeniedException: User: ${strangerArn} is not authorized to perform: kms:DescribeKey on resource: ${arn(rsa2048)} because no identity-based policy allows the kms:DescribeKey action`,
    );
    const hidden =
      'because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access';
    const denied = `AccessDeniedException: User: ${strangerArn} is not authorized to perform: kms:DescribeKey on this resource ${hidden}`;
    expect(await describeKey(unknown, stranger.kms())).toBe(denied);
    const elsewhere = await anAccount(sandbox);
    expect(await describeKey(arn(rsa2048), elsewhere.kms())).toContain(hidden);
  });
});

describe('GetPublicKey', () => {
  it('has no answer for a symmetric key', async () => {
    expect(await refusalOf(kms.send(new GetPublicKeyCommand({ KeyId: symmetric })))).toBe('UnsupportedOperationException: UnknownError');
  });

  it('lists what the key is for, either encryption or signing', async () => {
    const forEncryption = await kms.send(new GetPublicKeyCommand({ KeyId: rsa4096 }));
    expect(forEncryption).toMatchObject({ KeyId: arn(rsa4096), KeySpec: 'RSA_4096', KeyUsage: 'ENCRYPT_DECRYPT' });
    expect(forEncryption.EncryptionAlgorithms).toEqual(['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256']);
    const forSigning = await kms.send(new GetPublicKeyCommand({ KeyId: signing }));
    expect(forSigning.EncryptionAlgorithms).toBeUndefined();
    expect(forSigning.SigningAlgorithms).toContain('RSASSA_PSS_SHA_256');
  });
});

describe('CreateKey', () => {
  it('refuses what it cannot make', async () => {
    const create = (input: CreateKeyCommandInput) => refusalOf(kms.send(new CreateKeyCommand(input)));
    expect(await create({ KeySpec: 'RSA_4096' })).toBe('ValidationException: You must specify a KeyUsage value for an asymmetric CMK.');
    expect(await create({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' })).toMatch(/^UnsupportedOperationException: /);
    expect(await create({ Policy: '{"Version":"2012-10-17","Statement":[]}' })).toMatch(/^MalformedPolicyDocumentException: /);
  });
});

describe('a key policy', () => {
  const naming = (principal: string, action: string) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: principal }, Action: action, Resource: '*' }],
  });
  const put = (by: Clients, keyId: string, policy: object, bypass = false) =>
    refusalOf(
      by.kms().send(new PutKeyPolicyCommand({ KeyId: keyId, Policy: JSON.stringify(policy), BypassPolicyLockoutSafetyCheck: bypass })),
    );

  it('is the account’s by default and reads back as it was put', async () => {
    const keyId = await aKey(kms);
    const { Policy = '' } = await kms.send(new GetKeyPolicyCommand({ KeyId: keyId }));
    expect(JSON.parse(Policy)).toMatchObject({ Id: 'key-default-1', Statement: [{ Sid: 'Enable IAM User Permissions', Action: 'kms:*' }] });
    const policy = naming(`arn:aws:iam::${account.accountId}:root`, 'kms:*');
    expect(await put(account, keyId, policy)).toBe('no refusal');
    expect(JSON.parse((await kms.send(new GetKeyPolicyCommand({ KeyId: keyId }))).Policy ?? '')).toEqual(policy);
  });

  it('must not lock its author out, unless the author insists', async () => {
    const keyId = await aKey(kms);
    const policy = naming(`arn:aws:iam::${account.accountId}:root`, 'kms:DescribeKey');
    expect(await put(account, keyId, policy)).toBe(
      'MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.',
    );
    expect(await put(account, keyId, policy, true)).toBe('no refusal');
    expect(await refusalOf(seal({ KeyId: keyId }))).toContain('because no resource-based policy allows the kms:Encrypt action');
  });

  it('cannot name who does not exist', async () => {
    expect(await put(account, rsa2048, naming(`arn:aws:iam::${account.accountId}:user/nobody`, 'kms:*'), true)).toMatch(
      /^MalformedPolicyDocumentException: /,
    );
  });

  it('holds in its Region alone', async () => {
    const keyId = await aKey(kms);
    const policy = { Policy: JSON.stringify(naming(`arn:aws:iam::${account.accountId}:root`, 'kms:Describe*')) };
    await kms.send(new ReplicateKeyCommand({ KeyId: keyId, ReplicaRegion: OTHER, ...policy, BypassPolicyLockoutSafetyCheck: true }));
    expect(await refusalOf(seal({ KeyId: keyId }))).toBe('no refusal');
    const there = account.kms(OTHER).send(new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from('x'), EncryptionAlgorithm: OAEP }));
    expect(await refusalOf(there)).toContain('because no resource-based policy allows the kms:Encrypt action');
  });
});

describe('lists and tags', () => {
  it('come in pages', async () => {
    const lister = await anAccount(sandbox);
    const made = [];
    for (let count = 0; count < 5; count++) made.push(await aKey(lister.kms(), { KeySpec: 'SYMMETRIC_DEFAULT' }));
    const listed: (string | undefined)[] = [];
    let marker: string | undefined;
    do {
      const page = await lister.kms().send(new ListKeysCommand({ Limit: 2, Marker: marker }));
      listed.push(...(page.Keys ?? []).map(({ KeyId }) => KeyId));
      marker = page.NextMarker;
    } while (marker !== undefined);
    expect(listed).toEqual(made);
  });

  it('are replaced by name, and refused when they are AWS’s own', async () => {
    const tag = (TagKey: string, TagValue: string) => kms.send(new TagResourceCommand({ KeyId: rsa2048, Tags: [{ TagKey, TagValue }] }));
    await tag('stage', 'one');
    await tag('stage', 'two');
    expect((await kms.send(new ListResourceTagsCommand({ KeyId: rsa2048 }))).Tags).toEqual([{ TagKey: 'stage', TagValue: 'two' }]);
    expect(await refusalOf(tag('aws:stage', 'one'))).toMatch(/^TagException: /);
  });
});
