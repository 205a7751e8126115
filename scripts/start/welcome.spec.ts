import { expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataFolder } from './data-folder.mjs';
import { Quickstart } from './quickstart.mjs';
import { welcome } from './welcome.mjs';

test('shows three commands that read the token from a file, also below a folder with an odd name', () => {
  const dir = join(mkdtempSync(join(tmpdir(), 'keyhold-welcome-')), "it's here");
  const quickstart = new Quickstart(new DataFolder(dir));
  quickstart.keep({ workspaceId: 'w', vaultId: 'v', itemId: 'i', apiKey: 'khw_secret' });

  const text = welcome({
    quickstart,
    url: 'http://127.0.0.1:1',
    sandboxUrl: 'http://127.0.0.1:2',
    metricsPorts: { api: 3, worker: 4 },
    logsFolder: 'logs',
  });

  const commands = text.split('\n').filter((line) => line.trim().startsWith('curl '));
  expect(commands).toHaveLength(3);
  for (const command of commands) expect(command).toContain(String.raw`-H '@${dir.replace("'", String.raw`'\''`)}/authorization'`);
  expect(text).not.toContain('khw_secret');
  rmSync(dir, { recursive: true });
});
