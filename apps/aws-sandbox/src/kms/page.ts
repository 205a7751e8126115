import { AwsJsonError } from '../wire/aws-json.js';

export interface Page<T> {
  items: readonly T[];
  /** absent on the last page */
  nextMarker?: string;
}

/**
 * Cuts a page out of a list. The marker names the last item of the page before, so that what is added or deleted in
 * between neither repeats nor hides anything.
 * @throws AwsJsonError InvalidMarkerException
 */
export function pageOf<T>(all: readonly T[], nameOf: (item: T) => string, limit: number, marker: string | undefined): Page<T> {
  const start = marker === undefined ? 0 : after(all.map(nameOf), marker);
  const items = all.slice(start, start + limit);
  const last = items.at(-1);
  return start + limit < all.length && last !== undefined
    ? { items, nextMarker: Buffer.from(nameOf(last)).toString('base64url') }
    : { items };
}

function after(names: readonly string[], marker: string): number {
  const index = names.indexOf(Buffer.from(marker, 'base64url').toString('utf8'));
  if (index < 0) throw new AwsJsonError('InvalidMarkerException', 'The marker is not valid.');
  return index + 1;
}
