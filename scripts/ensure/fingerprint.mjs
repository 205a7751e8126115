import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SETTINGS = ['package.json', 'package-lock.json', 'tsconfig.json', 'nest-cli.json', '.swcrc'];
const NOT_BUILT = /\.(spec|itest)\.ts$/;

/** What `npm ci` depends on: the lock file, and the machine whose binaries it picks. */
export function installFingerprint() {
  return createHash('sha256').update(readFileSync('package-lock.json')).update(`${process.platform}-${process.arch}`).digest('hex');
}

/** What `npm run build` depends on: every source file that is compiled, and the settings of the build. */
export function buildFingerprint() {
  const hash = createHash('sha256');
  for (const path of [...SETTINGS, ...filesBelow('apps'), ...filesBelow('libs')].filter((path) => existsSync(path))) {
    const bytes = readFileSync(path);
    hash.update(`${path}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(path);
      return NOT_BUILT.test(entry.name) ? [] : [path];
    });
}
