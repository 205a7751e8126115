import { AwsJsonError } from '../../wire/aws-json.js';
import { listOf, required, text } from '../../wire/shape.js';
import { checkState } from '../key-state-rules.js';
import { kmsOperation } from '../kms-call.js';
import { pageOf } from '../page.js';
import { marker, pageLimit, requiredKeyId, tags } from '../request-members.js';
import { resolveKey } from '../resolve-key.js';
import { requestTagContext } from '../tag-context.js';
import { readTags, tagList, trailTags } from '../tags.js';

const TAGS_MAX = 50;

const tagShape = { KeyId: requiredKeyId, Tags: required(tags) };

export const tagResource = kmsOperation({
  shape: tagShape,
  readOnly: false,
  trailRequest: ({ KeyId, Tags }) => ({ keyId: KeyId, tags: trailTags(Tags) }),
  run(call, { KeyId, Tags }) {
    const key = resolveKey(call, KeyId, { aliases: 'no', facts: requestTagContext(Tags) });
    checkState(key, 'label', call.now);
    const merged = new Map([...key.own.tags, ...readTags(Tags)]);
    if (merged.size > TAGS_MAX) throw new AwsJsonError('LimitExceededException', `A key can have at most ${TAGS_MAX} tags.`);
    key.own.tags = merged;
    return {};
  },
});

const untagShape = { KeyId: requiredKeyId, TagKeys: required(listOf(text({ min: 1, max: 128 }), TAGS_MAX)) };

export const untagResource = kmsOperation({
  shape: untagShape,
  readOnly: false,
  trailRequest: ({ KeyId, TagKeys }) => ({ keyId: KeyId, tagKeys: TagKeys }),
  run(call, { KeyId, TagKeys }) {
    const key = resolveKey(call, KeyId, { aliases: 'no', facts: { 'aws:tagkeys': TagKeys } });
    checkState(key, 'label', call.now);
    for (const name of TagKeys) key.own.tags.delete(name);
    return {};
  },
});

export const listResourceTags = kmsOperation({
  shape: { KeyId: requiredKeyId, Limit: pageLimit, Marker: marker },
  readOnly: true,
  trailRequest: ({ KeyId }) => ({ keyId: KeyId }),
  run(call, { KeyId, Limit = TAGS_MAX, Marker }) {
    const key = resolveKey(call, KeyId, { aliases: 'no' });
    const { items, nextMarker } = pageOf(tagList(key.own.tags), ({ TagKey }) => TagKey, Limit, Marker);
    return { Tags: items, Truncated: nextMarker !== undefined, ...(nextMarker !== undefined && { NextMarker: nextMarker }) };
  },
});
