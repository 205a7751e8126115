import { CreateKeyCommand, EncryptCommand, type KMSClient, ReplicateKeyCommand, type Tag, TagResourceCommand } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningSandbox, startSandbox } from '../harness/sandbox.js';
import { type Account, anAccount, aUser, MAIN, OAEP, OTHER, refusalOf } from './sandbox-account.js';

const RSA = { KeySpec: 'RSA_4096', KeyUsage: 'ENCRYPT_DECRYPT', MultiRegion: true } as const;
const team = (TagValue: string): Tag[] => [{ TagKey: 'Team', TagValue }];
const only = (condition: object) => ({ StringEquals: condition });
const allow = (Action: string | string[], Condition?: object) => ({
  Effect: 'Allow',
  Action,
  Resource: '*',
  ...(Condition && { Condition }),
});
const policy = (...statements: object[]) => ({ Version: '2012-10-17', Statement: statements });

describe('policies with conditions on tags', () => {
  let sandbox: RunningSandbox;
  let account: Account;
  let users = 0;

  beforeAll(async () => {
    sandbox = await startSandbox();
    account = await anAccount(sandbox);
  });
  afterAll(() => sandbox.stop());

  const aUserWith = async (...statements: object[]): Promise<KMSClient> => {
    users += 1;
    return (await aUser(sandbox.url, account, `user-${users}`, policy(...statements))).kms(MAIN);
  };
  const made = async (Tags: Tag[]): Promise<string> =>
    (await account.kms(MAIN).send(new CreateKeyCommand({ ...RSA, Tags }))).KeyMetadata?.KeyId ?? '';
  const denied = (action: string) =>
    expect.stringMatching(new RegExp(`^AccessDeniedException: .*no identity-based policy allows the ${action} action$`));

  it('lets a key be made with the tag that aws:RequestTag asks for, under whatever spelling of its name, and not without', async () => {
    const kms = await aUserWith(allow(['kms:CreateKey', 'kms:TagResource'], only({ 'aws:RequestTag/team': 'blue' })));
    expect(await refusalOf(kms.send(new CreateKeyCommand({ ...RSA, Tags: team('blue') })))).toBe('no refusal');
    expect(await refusalOf(kms.send(new CreateKeyCommand({ ...RSA, Tags: team('red') })))).toEqual(denied('kms:CreateKey'));
    expect(await refusalOf(kms.send(new CreateKeyCommand(RSA)))).toEqual(denied('kms:CreateKey'));
  });

  it('lets a replica be made only by who may make and tag such a key in its Region', async () => {
    const KeyId = await made(team('blue'));
    const replicate = (Tags?: Tag[]) => new ReplicateKeyCommand({ KeyId, ReplicaRegion: OTHER, ...(Tags && { Tags }) });
    const tagged = only({ 'aws:RequestTag/Team': 'blue' });
    const untagged = await aUserWith(allow('kms:ReplicateKey'), allow('kms:CreateKey'));
    expect(await refusalOf(untagged.send(replicate(team('blue'))))).toEqual(denied('kms:TagResource'));
    const kms = await aUserWith(allow('kms:ReplicateKey'), allow(['kms:CreateKey', 'kms:TagResource'], tagged));
    expect(await refusalOf(kms.send(replicate()))).toEqual(denied('kms:CreateKey'));
    const specs = await aUserWith(
      allow(['kms:ReplicateKey', 'kms:TagResource']),
      allow('kms:CreateKey', only({ 'kms:KeySpec': 'RSA_2048' })),
    );
    expect(await refusalOf(specs.send(replicate(team('blue'))))).toEqual(denied('kms:CreateKey'));
    expect(await refusalOf(kms.send(replicate(team('blue'))))).toBe('no refusal');
  });

  it('lets a key be used by the tags that it has in this Region', async () => {
    const [blue, red] = [await made(team('blue')), await made(team('red'))];
    const kms = await aUserWith(allow('kms:Encrypt', only({ 'aws:ResourceTag/Team': 'blue' })));
    const encrypt = (KeyId: string) => new EncryptCommand({ KeyId, Plaintext: Buffer.from('x'), EncryptionAlgorithm: OAEP });
    expect(await refusalOf(kms.send(encrypt(blue)))).toBe('no refusal');
    expect(await refusalOf(kms.send(encrypt(red)))).toEqual(denied('kms:Encrypt'));
    await account.kms(MAIN).send(new TagResourceCommand({ KeyId: red, Tags: team('blue') }));
    expect(await refusalOf(kms.send(encrypt(red)))).toBe('no refusal');
  });

  it('has a Deny count for keys without the tag at all', async () => {
    const [tagged, bare] = [await made(team('blue')), await made([])];
    const deny = { Effect: 'Deny', Action: 'kms:*', Resource: '*', Condition: { StringNotEquals: { 'aws:ResourceTag/Team': 'blue' } } };
    const kms = await aUserWith(allow('kms:Encrypt'), deny);
    const encrypt = (KeyId: string) => new EncryptCommand({ KeyId, Plaintext: Buffer.from('x'), EncryptionAlgorithm: OAEP });
    expect(await refusalOf(kms.send(encrypt(tagged)))).toBe('no refusal');
    expect(await refusalOf(kms.send(encrypt(bare)))).toContain('explicit deny');
  });
});
