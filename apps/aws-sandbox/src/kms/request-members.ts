import { AwsJsonError } from '../wire/aws-json.js';
import { blob, flag, integer, listOf, oneOf, type Read, required, stringMap, structure, text } from '../wire/shape.js';
import { ENCRYPTION_ALGORITHMS } from './key-spec.js';

/** Tab, line ends and Latin-1. */
const POLICY_CHARACTERS = /^[\t\n\r\u0020-\u00FF]+$/;

/** Members that several requests share, with the limits of AWS's model. */
export const keyId = text({ min: 1, max: 2048 });
export const requiredKeyId = required(keyId);
export const description = text({ max: 8192 });
export const policy = text({ min: 1, max: 131_072, pattern: POLICY_CHARACTERS });
export const encryptionAlgorithm = oneOf(ENCRYPTION_ALGORITHMS);
export const encryptionContext = stringMap();
export const plaintext = required(blob({ min: 1, max: 4096 }));
export const ciphertextBlob = blob({ min: 1, max: 6144 });
export const dryRun = flag();
export const bypassLockoutCheck = flag();
export const pageLimit = integer(1, 1000);
export const marker = text({ min: 1, max: 1024, pattern: /^[\u0020-\u00FF]*$/ });
export const aliasName = text({ min: 1, max: 256, pattern: /^[a-zA-Z0-9:/_-]+$/ });

const tagShape = { TagKey: required(text({ min: 1, max: 128 })), TagValue: required(text({ max: 256 })) };
export type TagInput = Read<typeof tagShape>;
export const tags = listOf(structure(tagShape), 50);

export const grantTokens = listOf(text({ min: 1, max: 8192 }), 10);

/** The sandbox has no grants, so that no token can be valid. */
export function refuseGrantTokens(tokens: readonly string[] | undefined): void {
  if (tokens !== undefined && tokens.length > 0) throw new AwsJsonError('InvalidGrantTokenException', 'The grant token is not valid.');
}
