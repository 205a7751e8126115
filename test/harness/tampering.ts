import { expect } from '@jest/globals';
import type { Workspace } from './service.js';
import type { StoredRow, StoredRows } from './stored-rows.js';

/** An item version with all that it hangs on. */
export interface Target {
  workspace: Workspace;
  itemId: string;
  version: number;
  vaultId: string;
  row: StoredRow;
  dataKey: StoredRow;
  vaultKey: StoredRow;
}
type RowOfTarget = 'row' | 'dataKey' | 'vaultKey';

/** Attempts to unseal what was tampered with, and what became of them. */
export class Tampering {
  /** Every answer, without its request id. */
  readonly bodies = new Set<string>();
  readonly requestIds: string[] = [];
  readonly accepted: string[] = [];

  constructor(private readonly rows: StoredRows) {}

  async targetOf(workspace: Workspace, itemId: string, version = 1): Promise<Target> {
    const workspace_id = workspace.id;
    const row: StoredRow = { table: 'item_versions', key: { workspace_id, item_id: itemId, version } };
    const { data_key_id, vault_id } = await this.rows.read(row);
    const dataKey: StoredRow = { table: 'data_keys', key: { workspace_id, data_key_id } };
    const { vault_key_id } = await this.rows.read(dataKey);
    const vaultKey: StoredRow = { table: 'vault_keys', key: { workspace_id, vault_id, vault_key_id } };
    return { workspace, itemId, version, vaultId: vault_id as string, row, dataKey, vaultKey };
  }

  async attempt(what: string, ...targets: Target[]): Promise<void> {
    await Promise.all(
      targets.map(async (target) => {
        const { status, headers, text } = await unseal(target);
        if (status !== 422) this.accepted.push(`${what}: ${status} ${text.slice(0, 200)}`);
        this.bodies.add(text.replace(/"requestId":"[^"]+"/, ''));
        this.requestIds.push(headers.get('x-request-id') ?? '');
      }),
    );
  }

  /** Tampering shows something only where the original opens. */
  async allOpen(...targets: Target[]): Promise<void> {
    for (const target of targets) expect((await unseal(target)).status).toBe(200);
  }

  /** Exchanges every combination of the columns in which two rows differ. */
  async exchangeColumns([a, b]: readonly [Target, Target], of: RowOfTarget, columns: readonly string[]): Promise<void> {
    const [inA, inB] = await Promise.all([this.rows.read(a[of]), this.rows.read(b[of])]);
    const differing = columns.filter((column) => !isSame(inA[column], inB[column]));
    for (const chosen of combinations(differing)) {
      await Promise.all([this.rows.write(a[of], pick(inB, chosen)), this.rows.write(b[of], pick(inA, chosen))]);
      await this.attempt(`${of}: ${chosen.join(', ')} exchanged`, a, b);
      await Promise.all([this.rows.write(a[of], pick(inA, chosen)), this.rows.write(b[of], pick(inB, chosen))]);
    }
    await this.allOpen(a, b);
  }

  async exchangeKeys([a, b]: readonly [Target, Target], of: RowOfTarget, column: string): Promise<void> {
    const exchanged = await this.rows.exchangeKeys(a[of], b[of], column);
    await this.attempt(`${of}: ${column} exchanged`, a, b);
    await this.rows.exchangeKeys(...exchanged, column);
    await this.allOpen(a, b);
  }

  /** Flips every bit of the columns. The targets, whose columns are of one size, share the work. */
  async flipBits(targets: readonly Target[], of: RowOfTarget, columns: readonly string[]): Promise<number> {
    const sizes = await this.#sizes(targets, of, columns);
    const bits = sizes.flatMap(({ column, bytes }) => Array.from({ length: 8 * bytes }, (_, bit) => ({ column, bit })));
    await this.#share(targets, bits, async (target, { column, bit }) => {
      await this.rows.flip(target[of], column, bit);
      await this.attempt(`${of}: bit ${bit} of ${column}`, target);
      await this.rows.flip(target[of], column, bit);
    });
    return bits.length;
  }

  /** Gives the columns every length below the right one, and some above it. */
  async changeLengths(targets: readonly Target[], of: RowOfTarget, columns: readonly string[]): Promise<void> {
    const sizes = await this.#sizes(targets, of, columns);
    const lengths = sizes.flatMap(({ column, bytes }) =>
      [...Array.from({ length: bytes }, (_, length) => length), bytes + 1, bytes + 16].map((length) => ({ column, length })),
    );
    await this.#share(targets, lengths, async (target, { column, length }) => {
      const stored = (await this.rows.read(target[of]))[column] as Buffer;
      const resized = Buffer.concat([stored, Buffer.alloc(16)]).subarray(0, length);
      await this.rows.changed(target[of], { [column]: resized }, () => this.attempt(`${of}: ${column} of ${length} bytes`, target));
    });
  }

  async #sizes(targets: readonly Target[], of: RowOfTarget, columns: readonly string[]): Promise<{ column: string; bytes: number }[]> {
    const [sample] = targets;
    if (!sample) throw new Error('nothing to tamper with');
    const stored = await this.rows.read(sample[of]);
    return columns.map((column) => ({ column, bytes: (stored[column] as Buffer).length }));
  }

  async #share<Change>(
    targets: readonly Target[],
    all: Change[],
    tamper: (target: Target, change: Change) => Promise<void>,
  ): Promise<void> {
    const waiting = all.values();
    const work = async (target: Target) => {
      for (const change of waiting) await tamper(target, change);
    };
    await Promise.all(targets.map(work));
    await this.allOpen(...targets);
  }
}

const unseal = ({ workspace, itemId, version }: Target) => workspace.call('POST', `/items/${itemId}/unseal`, { version });

function isSame(a: unknown, b: unknown): boolean {
  return Buffer.isBuffer(a) && Buffer.isBuffer(b) ? a.equals(b) : a === b;
}

export const pick = (row: Record<string, unknown>, columns: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(columns.map((column) => [column, row[column]]));

/** Every choice of at least one. */
function combinations(all: readonly string[]): string[][] {
  return Array.from({ length: 2 ** all.length - 1 }, (_, i) => all.filter((_column, place) => ((i + 1) >> place) & 1));
}
