import { createHash } from 'node:crypto';
import { KeyStrategyError } from '../contract.js';
import type { ConfigCause } from './causes.js';
import { remedyFor } from './remedy.js';

/** What the customer types: nothing of it is ever part of a host name, and no Region is among it. */
export interface AwsKmsTarget {
  readonly accountId: string;
  readonly keyId: string;
  readonly roleArn: string;
}

/** A target that registration proved, with the public key it pinned. */
export interface AwsKmsConfig extends AwsKmsTarget {
  /** DER of the SubjectPublicKeyInfo, base64. */
  readonly publicKey: string;
  /** SHA-256 of that DER, lower-case hex. */
  readonly fingerprint: string;
}

const TARGET_FIELDS = ['accountId', 'keyId', 'roleArn'] as const;
const PIN_FIELDS = ['publicKey', 'fingerprint'] as const;

// Character classes are spelt out: `\d` and `\w` mean ASCII in JavaScript, but that should not have to be remembered here.
const ACCOUNT_ID = /^[0-9]{12}$/;
const KEY_ID = /^mrk-[0-9a-f]{32}$/;
const ROLE_ARN = /^arn:aws:iam::([0-9]{12}):role\/((?:(?!\.+\/)[A-Za-z0-9_+=,.@-]+\/)*)(?!\.+$)[A-Za-z0-9_+=,.@-]{1,64}$/;
const ROLE_PATH_CHARS_MAX = 510;

/** Strict: these three strings and nothing else. Throws `bad_config` with the cause of the first thing wrong. */
export function parseTarget(input: unknown): AwsKmsTarget {
  return targetOf(onlyFields(input, TARGET_FIELDS));
}

/** A stored configuration, with its pin or, before registration succeeded, without. Throws `bad_config`. */
export function parseConfig(stored: unknown): AwsKmsTarget | AwsKmsConfig {
  const fields = onlyFields(stored, [...TARGET_FIELDS, ...PIN_FIELDS]);
  const target = targetOf(fields);
  if (!PIN_FIELDS.some((field) => Object.hasOwn(fields, field))) return target;
  return { ...target, ...pinOf(fields) };
}

export function isPinned(config: AwsKmsTarget | AwsKmsConfig): config is AwsKmsConfig {
  return 'publicKey' in config;
}

export function pinned(target: AwsKmsTarget, spki: Buffer): AwsKmsConfig {
  const { accountId, keyId, roleArn } = target;
  return { accountId, keyId, roleArn, publicKey: spki.toString('base64'), fingerprint: fingerprintOf(spki) };
}

function targetOf(fields: Record<string, unknown>): AwsKmsTarget {
  const accountId = matching(fields.accountId, ACCOUNT_ID, 'account_id_invalid');
  const keyId = matching(fields.keyId, KEY_ID, 'key_id_invalid');
  const roleArn = matching(fields.roleArn, ROLE_ARN, 'role_arn_invalid');
  const [, roleAccount, path = ''] = ROLE_ARN.exec(roleArn) ?? [];
  if (path.length > ROLE_PATH_CHARS_MAX) throw badConfig('role_arn_invalid');
  if (roleAccount !== accountId) throw badConfig('account_mismatch');
  return { accountId, keyId, roleArn };
}

function pinOf({ publicKey, fingerprint }: Record<string, unknown>): Pick<AwsKmsConfig, 'publicKey' | 'fingerprint'> {
  if (typeof publicKey !== 'string' || typeof fingerprint !== 'string') throw badConfig('config_invalid');
  if (fingerprint !== fingerprintOf(Buffer.from(publicKey, 'base64'))) throw badConfig('config_invalid');
  return { publicKey, fingerprint };
}

function fingerprintOf(spki: Buffer): string {
  return createHash('sha256').update(spki).digest('hex');
}

function onlyFields(input: unknown, allowed: readonly string[]): Record<string, unknown> {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) throw badConfig('config_invalid');
  if (Object.keys(input).some((field) => !allowed.includes(field))) throw badConfig('unknown_field');
  return input as Record<string, unknown>;
}

function matching(value: unknown, form: RegExp, cause: ConfigCause): string {
  if (typeof value !== 'string' || !form.test(value)) throw badConfig(cause);
  return value;
}

/** Never quotes what was given. */
function badConfig(cause: ConfigCause): KeyStrategyError {
  return new KeyStrategyError('bad_config', { cause, remedy: remedyFor(cause, {}) });
}
