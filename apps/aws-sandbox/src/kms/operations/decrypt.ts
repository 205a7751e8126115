import { AwsJsonError } from '../../wire/aws-json.js';
import { required, validation } from '../../wire/shape.js';
import { accessDenied } from '../authorize-key.js';
import { checkUse, endDryRun, refuseContext } from '../cryptographic-checks.js';
import { type Key, keyArn } from '../key.js';
import { type EncryptionAlgorithm } from '../key-spec.js';
import { checkState } from '../key-state-rules.js';
import { type KmsCall, kmsOperation } from '../kms-call.js';
import {
  ciphertextBlob,
  dryRun,
  encryptionAlgorithm,
  encryptionContext,
  grantTokens,
  keyId,
  refuseGrantTokens,
} from '../request-members.js';
import { resolveKey } from '../resolve-key.js';
import { blobReference, type EncryptionContext, openBlob } from '../symmetric-blob.js';

const shape = {
  CiphertextBlob: required(ciphertextBlob),
  EncryptionContext: encryptionContext,
  GrantTokens: grantTokens,
  KeyId: keyId,
  EncryptionAlgorithm: encryptionAlgorithm,
  DryRun: dryRun,
};

export const decrypt = kmsOperation({
  shape,
  readOnly: true,
  trailRequest: (input) => ({
    encryptionAlgorithm: input.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT',
    ...(input.EncryptionContext && { encryptionContext: input.EncryptionContext }),
    ...(input.KeyId !== undefined && { keyId: input.KeyId }),
  }),
  async run(call, input) {
    refuseGrantTokens(input.GrantTokens);
    const wanted = input.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT';
    const name = input.KeyId ?? keyNamedByBlob(call, wanted, input.CiphertextBlob);
    const key = resolveKey(call, name, { crossAccount: true, facts: { 'kms:encryptionalgorithm': wanted } });
    checkState(key, 'cryptography', call.now);
    if (wanted === 'SYMMETRIC_DEFAULT') checkBlobIsOf(key, input.CiphertextBlob);
    const algorithm = checkUse(key, 'Decrypt', wanted, call.now);
    const opened = await decrypted(call, key, algorithm, input.CiphertextBlob, input.EncryptionContext);
    if (opened === undefined) throw invalidCiphertext();
    endDryRun(input.DryRun);
    const { material } = key.family;
    return {
      KeyId: key.arn,
      Plaintext: opened.toString('base64'),
      EncryptionAlgorithm: algorithm,
      ...(material.kind === 'symmetric' && { KeyMaterialId: material.materialId }),
    };
  },
});

/** Symmetric ciphertexts name their key; an RSA ciphertext is a bare number. */
function keyNamedByBlob(call: KmsCall, algorithm: string, blob: Buffer): string {
  if (algorithm !== 'SYMMETRIC_DEFAULT') throw validation('KeyId must not be null');
  const reference = blobReference(blob);
  if (!reference) throw invalidCiphertext();
  if (call.world.keys.find(reference.accountId, call.region, reference.keyId)) {
    return keyArn(call.region, reference.accountId, reference.keyId);
  }
  throw accessDenied(
    'The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.',
  );
}

/** Before the key's usage is looked at: an RSA ciphertext sent without an algorithm is garbage, whatever the key. */
function checkBlobIsOf({ family }: Key, blob: Buffer): void {
  const reference = blobReference(blob);
  if (!reference) throw invalidCiphertext();
  if (reference.accountId === family.accountId && reference.keyId === family.keyId) return;
  throw new AwsJsonError('IncorrectKeyException', 'The key ID in the request does not identify a CMK that can perform this operation.');
}

async function decrypted(
  call: KmsCall,
  { family }: Key,
  algorithm: EncryptionAlgorithm,
  blob: Buffer,
  context: EncryptionContext | undefined,
): Promise<Buffer | undefined> {
  const { material } = family;
  if (material.kind === 'symmetric') return openBlob(Buffer.from(material.secret, 'base64'), context ?? {}, blob);
  if (algorithm === 'SYMMETRIC_DEFAULT') throw new Error('checkUse let an algorithm through that the key lacks');
  refuseContext(context);
  return call.world.rsa.decrypt(material.privateKeyPem, algorithm, blob);
}

const invalidCiphertext = (): AwsJsonError => new AwsJsonError('InvalidCiphertextException');
