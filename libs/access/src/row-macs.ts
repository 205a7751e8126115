import { createHmac, timingSafeEqual } from 'node:crypto';
import type { KeyBytes, RootKey } from '#envelope';

/** The kinds of rows that let somebody in, or say what is to be done in somebody's name. A MAC of one kind is none of another. */
export type SealedRowKind =
  | 'api-key'
  | 'session'
  | 'setup-link'
  | 'setup-proposal'
  | 'member'
  | 'member-identity'
  | 'identity-provider'
  | 'group-member'
  | 'box-grant'
  | 'item-place'
  | 'job'
  | 'webhook-endpoint'
  | 'alert-settings';

/** JSON, with bytes as text: no two lists of fields encode alike. */
export type RowField = string | number | boolean | null | Buffer | readonly RowField[];

/**
 * A MAC over the rows that decide who gets in. Who can write to the database can write a credential, a role or a grant of their
 * own; without this it is none.
 */
export class RowMacs {
  readonly #key: KeyBytes;

  constructor(rootKey: RootKey) {
    this.#key = rootKey.subkey('rows');
  }

  /** `fields` in a fixed order, all that decides; the workspace and the row's own id among them. */
  of(kind: SealedRowKind, fields: readonly RowField[]): Buffer {
    const text = JSON.stringify(['keyhold/row/1', kind, fields.map(plain)]);
    return createHmac('sha256', this.#key.expose()).update(text).digest();
  }

  isOurs(kind: SealedRowKind, fields: readonly RowField[], mac: Buffer): boolean {
    const expected = this.of(kind, fields);
    return mac.length === expected.length && timingSafeEqual(mac, expected);
  }
}

function plain(field: RowField): unknown {
  if (Buffer.isBuffer(field)) return field.toString('base64');
  return Array.isArray(field) ? (field as readonly RowField[]).map(plain) : field;
}
