import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Trail, type TrailEvent } from '../cloudtrail/trail.js';
import { TrailFile } from './trail-file.js';

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keyhold-trail-'));
  path = join(directory, 'trail.jsonl');
});
afterEach(() => rm(directory, { recursive: true }));

const event = (eventId: string): TrailEvent => ({
  accountId: '111122223333',
  region: 'us-east-2',
  eventId,
  eventName: 'Decrypt',
  eventSource: 'kms.amazonaws.com',
  eventTime: 0,
  readOnly: true,
  resources: [],
  record: '{}',
});

async function reopened(): Promise<string[]> {
  const trail = new Trail();
  await TrailFile.open(path, trail);
  return trail.all().map(({ eventId }) => eventId);
}

describe('the file of the trails', () => {
  it('holds after a flush all that was recorded, in order', async () => {
    const trail = new Trail();
    const file = await TrailFile.open(path, trail);
    trail.record(event('1'));
    trail.record(event('2'));
    await file.flush();
    trail.record(event('3'));
    await file.flush();
    expect(await reopened()).toEqual(['1', '2', '3']);
  });

  it('loses nothing but a line that a crash cut short', async () => {
    const trail = new Trail();
    const file = await TrailFile.open(path, trail);
    trail.record(event('1'));
    await file.flush();
    await appendFile(path, '{"accountId":"1111');
    expect(await reopened()).toEqual(['1']);
    expect(await readFile(path, 'utf8')).toBe(`${JSON.stringify(event('1'))}\n`);
  });

  it('is empty after the trails were cleared', async () => {
    const trail = new Trail();
    const file = await TrailFile.open(path, trail);
    trail.record(event('1'));
    trail.clear();
    trail.record(event('2'));
    await file.flush();
    expect(await reopened()).toEqual(['2']);
  });
});
