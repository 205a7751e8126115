import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';

const ENSURE = resolve('scripts/ensure.mjs');

/** Does in the folder what npm would, writes down what it was asked for, and fails when told to. */
const NPM = `
import { appendFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
const [command] = process.argv.slice(2);
const folder = command === 'ci' ? 'node_modules' : 'dist';
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
appendFileSync('asked', command + '\\n');
process.exit(existsSync('fail-' + command) ? 3 : 0);
`;

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'keyhold-ensure-'));
  for (const folder of ['apps/api/src', 'libs/items/src']) mkdirSync(join(dir, folder), { recursive: true });
  for (const file of ['package.json', 'package-lock.json', 'apps/api/src/main.ts', 'libs/items/src/index.ts']) put(file, '{}');
  put('npm.mjs', NPM);
});
afterEach(() => rmSync(dir, { recursive: true }));

const put = (name: string, text: string) => writeFileSync(join(dir, name), text);

/** The exit code of a run, and what it asked of npm. */
async function ensure(): Promise<[code: number, asked: string[]]> {
  rmSync(join(dir, 'asked'), { force: true });
  const code = await ensureBeside();
  return [code, asked()];
}

async function ensureBeside(): Promise<number> {
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  const child = spawn(process.execPath, [ENSURE], { cwd: dir, stdio: 'ignore', env: { PATH: path, npm_execpath: join(dir, 'npm.mjs') } });
  const [code] = (await once(child, 'exit')) as [number];
  return code;
}

const asked = () => (existsSync(join(dir, 'asked')) ? readFileSync(join(dir, 'asked'), 'utf8').trim().split('\n') : []);

describe('preparing a checkout', () => {
  test('installs and builds once, and then does nothing', async () => {
    expect(await ensure()).toEqual([0, ['ci', 'run']]);
    expect(await ensure()).toEqual([0, []]);
  });

  test.each(['apps/api/src/main.ts', 'libs/items/src/index.ts', 'package.json', 'tsconfig.json'])(
    'builds again when %s has changed',
    async (file) => {
      await ensure();
      put(file, 'changed');
      expect(await ensure()).toEqual([0, ['run']]);
    },
  );

  test('does not build for a test that has changed', async () => {
    await ensure();
    put('apps/api/src/main.spec.ts', 'new');
    put('libs/items/src/items.itest.ts', 'new');
    expect(await ensure()).toEqual([0, []]);
  });

  test('installs and builds again when the lock file has changed', async () => {
    await ensure();
    put('package-lock.json', 'changed');
    expect(await ensure()).toEqual([0, ['ci', 'run']]);
  });

  test('does not believe a build that failed, and passes its exit code on', async () => {
    await ensure();
    put('apps/api/src/main.ts', 'changed');
    put('fail-run', '');
    expect(await ensure()).toEqual([3, ['run']]);
    rmSync(join(dir, 'fail-run'));
    expect(await ensure()).toEqual([0, ['run']]);
  });

  test('does not build on an install that failed', async () => {
    put('fail-ci', '');
    expect(await ensure()).toEqual([3, ['ci']]);
    expect(await ensure()).toEqual([3, ['ci']]);
  });

  test('builds once for two commands that come together', async () => {
    expect(await Promise.all([ensureBeside(), ensureBeside()])).toEqual([0, 0]);
    expect(asked()).toEqual(['ci', 'run']);
  });

  test('ignores the lock of a process that is gone', async () => {
    put('.ensure.lock', '999999999');
    expect(await ensure()).toEqual([0, ['ci', 'run']]);
  });
});
