// npm leaves other platforms' optional binaries out of a lock file when a package was published without all of them;
// `npm ci` then refuses the lock file on every machine. Fails as long as that is so.
import { readFileSync } from 'node:fs';

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const names = new Set(Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, '')));
const missing = Object.entries(lock.packages).flatMap(([path, entry]) =>
  Object.keys(entry.optionalDependencies ?? {})
    .filter((name) => !names.has(name))
    .map((name) => `${path}: ${name} is not in the lock file`),
);
if (missing.length > 0) {
  console.error(missing.join('\n'));
  process.exit(1);
}
