import { AwsJsonError } from '../../wire/aws-json.js';
import { required } from '../../wire/shape.js';
import { authorizeKey, authorizeWithoutKey } from '../authorize-key.js';
import { epochSeconds } from '../key-metadata.js';
import { type Alias, aliasArn } from '../key-store.js';
import { checkState } from '../key-state-rules.js';
import { type KmsCall, kmsOperation } from '../kms-call.js';
import { pageOf } from '../page.js';
import { aliasName, keyId, marker, pageLimit, requiredKeyId } from '../request-members.js';
import { resolveKey } from '../resolve-key.js';

const LIMIT_UNSAID = 50;

const createShape = { AliasName: required(aliasName), TargetKeyId: requiredKeyId };

export const createAlias = kmsOperation({
  shape: createShape,
  readOnly: false,
  trailRequest: ({ AliasName, TargetKeyId }) => ({ aliasName: AliasName, targetKeyId: TargetKeyId }),
  run(call, { AliasName, TargetKeyId }) {
    const arn = authorizedAlias(call, AliasName);
    const key = resolveKey(call, TargetKeyId, { aliases: 'no' });
    checkState(key, 'label', call.now);
    const { accountId } = key.family;
    if (findAlias(call, AliasName)) throw new AwsJsonError('AlreadyExistsException', `An alias with the name ${arn} already exists`);
    call.world.keys.putAlias(accountId, call.region, { name: AliasName, keyId: key.family.keyId, createdAt: call.now });
    return {};
  },
});

const deleteShape = { AliasName: required(aliasName) };

/** Works in every state of the key. */
export const deleteAlias = kmsOperation({
  shape: deleteShape,
  readOnly: false,
  trailRequest: ({ AliasName }) => ({ aliasName: AliasName }),
  run(call, { AliasName }) {
    const arn = authorizedAlias(call, AliasName);
    const alias = findAlias(call, AliasName);
    const key = alias && call.world.keys.find(call.caller.accountId, call.region, alias.keyId);
    if (!key) throw new AwsJsonError('NotFoundException', `Alias ${arn} is not found.`);
    call.resolved.push(key);
    authorizeKey(call, key, call.operation);
    call.world.keys.deleteAlias(call.caller.accountId, call.region, AliasName);
    return {};
  },
});

export const listAliases = kmsOperation({
  shape: { KeyId: keyId, Limit: pageLimit, Marker: marker },
  readOnly: true,
  trailRequest: ({ KeyId }) => (KeyId === undefined ? null : { keyId: KeyId }),
  run(call, { KeyId, Limit = LIMIT_UNSAID, Marker }) {
    const { items, nextMarker } = pageOf(visibleAliases(call, KeyId), ({ name }) => name, Limit, Marker);
    return {
      Aliases: items.map((alias) => aliasEntry(call, alias)),
      Truncated: nextMarker !== undefined,
      ...(nextMarker !== undefined && { NextMarker: nextMarker }),
    };
  },
});

function visibleAliases(call: KmsCall, ofKey: string | undefined): Alias[] {
  authorizeWithoutKey(call, 'ListAliases', '*');
  const all = call.world.keys.listAliases(call.caller.accountId, call.region);
  if (ofKey === undefined) return all;
  const { family } = resolveKey(call, ofKey, { aliases: 'no' });
  return all.filter((alias) => alias.keyId === family.keyId);
}

const aliasEntry = (call: KmsCall, { name, keyId: target, createdAt }: Alias) => ({
  AliasName: name,
  AliasArn: aliasArn(call.region, call.caller.accountId, name),
  TargetKeyId: target,
  CreationDate: epochSeconds(createdAt),
  LastUpdatedDate: epochSeconds(createdAt),
});

const findAlias = (call: KmsCall, name: string): Alias | undefined => call.world.keys.findAlias(call.caller.accountId, call.region, name);

/** An alias takes a permission on the alias as well as one on the key. @returns the alias's ARN */
function authorizedAlias(call: KmsCall, name: string): string {
  if (!/^alias\/[a-zA-Z0-9/_-]+$/.test(name)) throw new AwsJsonError('InvalidAliasNameException', `Invalid alias name '${name}'`);
  if (name.startsWith('alias/aws/')) throw new AwsJsonError('NotAuthorizedException', '');
  const arn = aliasArn(call.region, call.caller.accountId, name);
  authorizeWithoutKey(call, call.operation, arn);
  return arn;
}
