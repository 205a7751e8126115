import { HttpError } from '../http/http-error.js';

/** The request's one thing, or its entries; both, half of one thing, or neither is no request. */
export function singleOrEntries<Entry>(
  single: { [Field in keyof Entry]: Entry[Field] | undefined },
  entries: readonly Entry[] | undefined,
): { isSingle: boolean; entries: readonly Entry[] } {
  const given = Object.values(single).filter((value) => value !== undefined).length;
  const fields = Object.keys(single);
  if (entries && given === 0) return { isSingle: false, entries };
  if (!entries && given === fields.length) return { isSingle: true, entries: [single as Entry] };
  throw new HttpError('validation_failed', { errors: [{ field: 'entries', message: `give either ${fields.join(' and ')}, or entries` }] });
}
