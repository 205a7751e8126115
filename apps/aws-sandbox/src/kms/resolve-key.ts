import { type ConditionContext } from '../iam/condition-context.js';
import { AwsJsonError } from '../wire/aws-json.js';
import { authorizeKey, decideWithoutKey, deniedToStranger } from './authorize-key.js';
import { type Key, keyArn } from './key.js';
import { aliasArn } from './key-store.js';
import { type KmsCall } from './kms-call.js';

const KEY_ID = /^(?:mrk-[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const ALIAS = /^alias\/[a-zA-Z0-9/_-]+$/;

/** How an operation takes a key's name. */
export interface Naming {
  /** default: yes */
  aliases?: 'yes' | 'no' | 'refused';
  /** default: the key's own account alone may call */
  crossAccount?: boolean;
  /** more condition keys of this request */
  facts?: ConditionContext;
}

interface KeyName {
  accountId: string;
  keyId?: string;
  alias?: string;
}

/**
 * Finds the key a request names, checks that the caller may do this with it and notes it for the trail.
 * @throws AwsJsonError NotFoundException, InvalidArnException or AccessDeniedException
 */
export function resolveKey(call: KmsCall, name: string, naming: Naming = {}): Key {
  const parsed = parseName(call, name, naming);
  if (parsed.accountId !== call.caller.accountId && !naming.crossAccount) throw deniedToStranger(call, call.operation);
  const key = lookUp(call, parsed);
  call.resolved.push(key);
  const { alias } = parsed;
  authorizeKey(call, key, call.operation, { ...(alias !== undefined && { 'kms:requestalias': alias }), ...naming.facts });
  return key;
}

function parseName(call: KmsCall, name: string, naming: Naming): KeyName {
  if (name.startsWith('arn:')) return parseArn(call, name, naming);
  if (name.startsWith('alias/')) return { accountId: call.caller.accountId, alias: aliasOf(name, naming) };
  if (!KEY_ID.test(name)) throw invalidKeyId(name);
  return { accountId: call.caller.accountId, keyId: name };
}

function parseArn(call: KmsCall, arn: string, naming: Naming): KeyName {
  const [, partition, service, region = '', accountId = '', resource = '', ...more] = arn.split(':');
  if (partition !== 'aws' || service !== 'kms' || !/^\d{12}$/.test(accountId) || more.length > 0) {
    throw new AwsJsonError('InvalidArnException', `Invalid ARN: ${arn}`);
  }
  if (region !== call.region) throw notFound(`Invalid arn ${region}`);
  if (resource.startsWith('alias/')) return { accountId, alias: aliasOf(resource, naming) };
  const keyId = resource.startsWith('key/') ? resource.slice('key/'.length) : '';
  if (!KEY_ID.test(keyId)) throw invalidKeyId(keyId || resource);
  return { accountId, keyId };
}

function aliasOf(name: string, naming: Naming): string {
  if (naming.aliases === 'refused') throw new AwsJsonError('InvalidArnException', 'Key Aliases are not supported for this operation.');
  if (naming.aliases === 'no' || !ALIAS.test(name)) throw invalidKeyId(name);
  return name;
}

function lookUp(call: KmsCall, { accountId, keyId, alias }: KeyName): Key {
  const target = keyId ?? call.world.keys.findAlias(accountId, call.region, alias ?? '')?.keyId;
  const key = target === undefined ? undefined : call.world.keys.find(accountId, call.region, target);
  if (key) return key;
  const arn = keyId === undefined ? aliasArn(call.region, accountId, alias ?? '') : keyArn(call.region, accountId, keyId);
  throw missing(call, accountId, arn, keyId === undefined ? `Alias ${arn} is not found.` : `Key '${arn}' does not exist`);
}

/** Only who may do this to any key of the account learns that this one is missing. */
function missing(call: KmsCall, accountId: string, arn: string, text: string): AwsJsonError {
  const permitted = accountId === call.caller.accountId && decideWithoutKey(call, call.operation, arn).allowed;
  return permitted ? notFound(text) : deniedToStranger(call, call.operation);
}

const notFound = (text: string): AwsJsonError => new AwsJsonError('NotFoundException', text);
const invalidKeyId = (keyId: string): AwsJsonError => notFound(`Invalid keyId '${keyId}'`);
