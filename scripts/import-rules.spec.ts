import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

/** One planted violation for each rule that keeps rooms apart. */
const PLANTED: Record<string, Record<string, string>> = {
  'no-circular': {
    'libs/vaults/src/a.ts': `import { b } from './b.js'; export const a = () => b;`,
    'libs/vaults/src/b.ts': `import { a } from './a.js'; export const b = () => a;`,
  },
  'libs-know-no-app': { 'libs/items/src/app.ts': `import '../../../apps/api/src/main.js';` },
  'apps-are-strangers': { 'apps/worker/src/main.ts': `import '../../api/src/main.js';` },
  'sandbox-knows-nothing-of-the-product': { 'apps/aws-sandbox/src/main.ts': `import '#envelope';` },
  'libs-only-through-their-front-door': { 'libs/items/src/back-door.ts': `import '../../vaults/src/a.js';` },
  'arrows-of-vaults': { 'libs/vaults/src/upwards.ts': `import '#items';` },
  'envelope-stands-alone': { 'libs/envelope/src/impure.ts': `import 'node:fs';` },
  'pure-libs-know-no-framework': { 'libs/aws/src/framework.ts': `import '@nestjs/common';` },
  'only-the-database-lib-speaks-sql-drivers': { 'libs/items/src/driver.ts': `import 'pg';` },
  'strategies-are-strangers': {
    'libs/key-strategies/src/default/x.ts': `import '../aws-kms/y.js';`,
    'libs/key-strategies/src/aws-kms/y.ts': `export const y = 1;`,
  },
  'shipped-code-imports-no-testing': {
    'libs/aws/src/shipped.ts': `import './testing/world.js';`,
    'libs/aws/src/testing/world.ts': `export const world = 1;`,
  },
  'no-orphans': { 'libs/items/src/orphan.ts': `export const alone = 1;` },
  'not-to-dev-dep': { 'libs/items/src/dev.ts': `import 'fast-check';` },
  'not-to-unresolvable': { 'libs/items/src/nowhere.ts': `import './nowhere-at-all.js';` },
};
const FRONT_DOORS = ['envelope', 'aws', 'key-strategies', 'database', 'audit', 'access', 'limits', 'workspaces', 'vaults', 'items'];

let tree: string;
beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), 'import-rules-'));
  for (const file of ['package.json', 'tsconfig.json', '.dependency-cruiser.mjs']) cpSync(file, join(tree, file));
  symlinkSync(resolve('node_modules'), join(tree, 'node_modules'));
  for (const lib of FRONT_DOORS) plant(`libs/${lib}/src/index.ts`, `export const name = '${lib}';`);
  plant('apps/api/src/main.ts', `import '#items';`);
  for (const files of Object.values(PLANTED)) for (const [path, text] of Object.entries(files)) plant(path, text);
});
afterAll(() => rmSync(tree, { recursive: true }));

function plant(path: string, text: string): void {
  mkdirSync(dirname(join(tree, path)), { recursive: true });
  writeFileSync(join(tree, path), text);
}

test('each import rule finds the violation that is planted for it', () => {
  const args = ['--config', '.dependency-cruiser.mjs', '--output-type', 'json', 'apps', 'libs'];
  const run = spawnSync(resolve('node_modules/.bin/depcruise'), args, { cwd: tree, encoding: 'utf8', maxBuffer: 1 << 26 });
  const { summary } = JSON.parse(run.stdout) as { summary: { violations: { from: string; rule: { name: string } }[] } };
  const found = new Set(summary.violations.map(({ from, rule }) => `${rule.name} ${from}`));
  const missed = Object.entries(PLANTED).filter(([rule, files]) => !Object.keys(files).some((path) => found.has(`${rule} ${path}`)));
  expect(missed.map(([rule]) => rule)).toEqual([]);
}, 60_000);
