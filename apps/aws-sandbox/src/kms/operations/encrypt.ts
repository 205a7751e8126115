import { checkUse, endDryRun, refuseContext, refuseTooLong } from '../cryptographic-checks.js';
import { type Key } from '../key.js';
import { type EncryptionAlgorithm, isRsaSpec } from '../key-spec.js';
import { type KmsCall, kmsOperation } from '../kms-call.js';
import {
  dryRun,
  encryptionAlgorithm,
  encryptionContext,
  grantTokens,
  plaintext,
  refuseGrantTokens,
  requiredKeyId,
} from '../request-members.js';
import { resolveKey } from '../resolve-key.js';
import { type EncryptionContext, sealBlob } from '../symmetric-blob.js';

const shape = {
  KeyId: requiredKeyId,
  Plaintext: plaintext,
  EncryptionContext: encryptionContext,
  EncryptionAlgorithm: encryptionAlgorithm,
  GrantTokens: grantTokens,
  DryRun: dryRun,
};

export const encrypt = kmsOperation({
  shape,
  readOnly: true, // of CloudTrail's kind: it changes nothing in KMS
  trailRequest: (input) => ({
    encryptionAlgorithm: input.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT',
    ...(input.EncryptionContext && { encryptionContext: input.EncryptionContext }),
    keyId: input.KeyId,
  }),
  run(call, input) {
    refuseGrantTokens(input.GrantTokens);
    const wanted = input.EncryptionAlgorithm ?? 'SYMMETRIC_DEFAULT';
    const key = resolveKey(call, input.KeyId, { crossAccount: true, facts: { 'kms:encryptionalgorithm': wanted } });
    const algorithm = checkUse(key, 'Encrypt', wanted, call.now);
    const ciphertext = encrypted(call, key, algorithm, input.Plaintext, input.EncryptionContext);
    endDryRun(input.DryRun);
    return { CiphertextBlob: ciphertext.toString('base64'), KeyId: key.arn, EncryptionAlgorithm: algorithm };
  },
});

function encrypted(call: KmsCall, key: Key, algorithm: EncryptionAlgorithm, bytes: Buffer, context: EncryptionContext | undefined): Buffer {
  const { material, spec } = key.family;
  if (material.kind === 'symmetric') return sealBlob(Buffer.from(material.secret, 'base64'), key.family, context ?? {}, bytes);
  if (algorithm === 'SYMMETRIC_DEFAULT' || !isRsaSpec(spec)) throw new Error('checkUse let an algorithm through that the key lacks');
  refuseContext(context);
  refuseTooLong(spec, algorithm, bytes);
  return call.world.rsa.encrypt(material.publicKey, algorithm, bytes);
}
