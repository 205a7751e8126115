import { AwsJsonError } from '../wire/aws-json.js';
import { type TagInput } from './request-members.js';

/** @throws AwsJsonError TagException */
export function readTags(tags: readonly TagInput[] = []): Map<string, string> {
  const read = new Map<string, string>();
  for (const { TagKey, TagValue } of tags) {
    if (TagKey.startsWith('aws:')) throw new AwsJsonError('TagException', `Tag keys cannot begin with "aws:" ("${TagKey}").`);
    if (read.has(TagKey)) throw new AwsJsonError('TagException', `Duplicate tag keys ("${TagKey}").`);
    read.set(TagKey, TagValue);
  }
  return read;
}

export const tagList = (tags: ReadonlyMap<string, string>): TagInput[] => [...tags].map(([TagKey, TagValue]) => ({ TagKey, TagValue }));

export const trailTags = (tags: readonly TagInput[]): { tagKey: string; tagValue: string }[] =>
  tags.map(({ TagKey, TagValue }) => ({ tagKey: TagKey, tagValue: TagValue }));
