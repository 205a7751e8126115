import { chmodSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const ONLY_OWNER_FOLDER = 0o700;
const ONLY_OWNER_FILE = 0o600;

/** Everything that lasts between two runs. Files are readable by their owner only and appear whole or not at all. */
export class DataFolder {
  /** @param {string} dir */
  constructor(dir) {
    this.path = resolve(dir);
    mkdirSync(this.path, { recursive: true, mode: ONLY_OWNER_FOLDER });
    // PostgreSQL may run as another user than root; it needs to pass through, not to look around.
    chmodSync(this.path, process.getuid?.() === 0 ? 0o711 : ONLY_OWNER_FOLDER);
  }

  /** @param {...string} names */
  file(...names) {
    return join(this.path, ...names);
  }

  /** A path to show: relative where that is shorter to read. @param {string} name */
  shown(name) {
    const path = relative(process.cwd(), this.file(name));
    return path.startsWith('..') ? this.file(name) : path;
  }

  /**
   * The bytes of a secret, made once.
   * @param {string} name
   * @param {() => Buffer | string} make
   */
  secret(name, make) {
    const path = this.file('secrets', name);
    const kept = readIfThere(path);
    if (kept) return kept;
    const part = this.#writePart(path, make());
    try {
      linkSync(part, path); // unlike rename, never replaces one that is there
    } finally {
      rmSync(part, { force: true });
    }
    return readFileSync(path);
  }

  /** @param {string} name @returns {any} undefined when there is none */
  readJson(name) {
    const bytes = readIfThere(this.file(name));
    return bytes && JSON.parse(bytes.toString('utf8'));
  }

  /** @param {string} name @param {unknown} value */
  writeJson(name, value) {
    this.write(name, `${JSON.stringify(value, null, 2)}\n`);
  }

  /** @param {string} name @param {string | Buffer} content */
  write(name, content) {
    const path = this.file(name);
    renameSync(this.#writePart(path, content), path);
  }

  /** @param {string} name */
  remove(name) {
    rmSync(this.file(name), { force: true });
  }

  /** @param {string} path @param {Buffer | string} content */
  #writePart(path, content) {
    mkdirSync(dirname(path), { recursive: true, mode: ONLY_OWNER_FOLDER });
    const part = `${path}.${process.pid}.part`;
    writeFileSync(part, content, { mode: ONLY_OWNER_FILE, flush: true });
    return part;
  }
}

/** @param {string} path */
function readIfThere(path) {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
