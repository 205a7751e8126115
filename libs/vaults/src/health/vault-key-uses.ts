import type { Statement } from '#audit';
import { GatheredNotes, type NoteBook } from '#database';

const NOTED_FOR_MS = 15_000;

/** An idle key is asked soon again; how soon differs, so that many that wake up together spread. */
const NOTE_USED: Statement = {
  name: 'vault-keys-note-used',
  text: `UPDATE vault_probes SET last_used_at = clock_timestamp(),
      next_probe_at = least(next_probe_at, clock_timestamp() + make_interval(secs => 48 + 24 * random()))
    WHERE workspace_id = $1 AND vault_key_id = ANY ($2)`,
};

const NOTE_SILENT: Statement = {
  name: 'vault-keys-note-silent',
  text: `UPDATE vault_probes SET next_probe_at = least(next_probe_at, clock_timestamp()) WHERE workspace_id = $1 AND vault_key_id = ANY ($2)`,
};

/** What real traffic tells about vault keys without anybody waiting for it; a refusal is told at once, and elsewhere. */
export class VaultKeyUses {
  readonly #used: GatheredNotes;
  readonly #silent: GatheredNotes;

  constructor(database: NoteBook) {
    this.#used = new GatheredNotes(database, NOTE_USED, NOTED_FOR_MS);
    this.#silent = new GatheredNotes(database, NOTE_SILENT, NOTED_FOR_MS);
  }

  /** Something was sealed or unsealed under it. */
  used(workspaceId: string, vaultKeyId: string): void {
    this.#used.used(workspaceId, vaultKeyId);
  }

  /** Nobody answered for it: a probe will tell where, and since when. */
  silent(workspaceId: string, vaultKeyId: string): void {
    this.#silent.used(workspaceId, vaultKeyId);
  }

  /** Writes what is gathered; never fails. */
  async write(): Promise<void> {
    await Promise.all([this.#used.write(), this.#silent.write()]);
  }
}
