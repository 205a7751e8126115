import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const FILE_BYTES_MAX = 5_000_000;
const TAIL_CHARACTERS = 8_000;

/** A log file of at most 5 MB, and the 5 MB before it as `<name>.1`. */
export class BoundedLog {
  #fd;
  #bytes;
  #tail = '';

  /** @param {string} path */
  constructor(path) {
    this.path = path;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#open();
  }

  /** @param {string} text */
  write(text) {
    this.#tail = (this.#tail + text).slice(-TAIL_CHARACTERS);
    if (this.#bytes > FILE_BYTES_MAX) this.#rotate();
    this.#bytes += writeSync(this.#fd, text);
  }

  /** @param {number} count */
  lastLines(count) {
    return this.#tail.trimEnd().split('\n').slice(-count);
  }

  #rotate() {
    closeSync(this.#fd);
    renameSync(this.path, `${this.path}.1`);
    this.#open();
  }

  #open() {
    this.#fd = openSync(this.path, 'a', 0o600);
    this.#bytes = fstatSync(this.#fd).size;
  }
}
