import { type ConditionContext } from '../iam/condition-context.js';
import { type TagInput } from './request-members.js';

/** The tags that a request gives. Without any, the condition keys are absent. */
export function requestTagContext(tags: readonly TagInput[] | undefined): ConditionContext {
  if (tags === undefined) return {};
  const named = new Map(tags.map(({ TagKey, TagValue }) => [`aws:requesttag/${TagKey.toLowerCase()}`, TagValue]));
  return { ...Object.fromEntries(named), 'aws:tagkeys': tags.map(({ TagKey }) => TagKey) };
}

/** The tags that a key has in its Region. */
export function resourceTagContext(tags: ReadonlyMap<string, string>): ConditionContext {
  return Object.fromEntries([...tags].map(([name, value]) => [`aws:resourcetag/${name.toLowerCase()}`, value]));
}
