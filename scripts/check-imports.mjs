// Runs the import rules, and fails when they looked at too little: with a compiler that lacks its programmatic
// interface, dependency-cruiser reports success on no modules at all.
import { spawnSync } from 'node:child_process';

const MODULES_MIN = 60;
const run = spawnSync('depcruise', ['--config', '.dependency-cruiser.mjs', 'apps', 'libs'], { encoding: 'utf8' });
process.stdout.write(run.stdout);
process.stderr.write(run.stderr);
if (run.status !== 0) process.exit(run.status ?? 1);
const modules = Number(/\((\d+) modules/.exec(run.stdout)?.[1] ?? 0);
if (modules < MODULES_MIN) {
  console.error(`The import check saw ${modules} modules; at least ${MODULES_MIN} were expected, so it proves nothing.`);
  process.exit(1);
}
