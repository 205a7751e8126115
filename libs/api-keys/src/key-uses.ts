import { GatheredNotes, type NoteBook } from '#database';
import { NOTE_USES } from './api-key-store.js';

const NOTED_FOR_MS = 60_000;

/** When keys were last used, to the minute. */
export class KeyUses extends GatheredNotes {
  constructor(database: NoteBook) {
    super(database, NOTE_USES, NOTED_FOR_MS);
  }
}
