import { describe, expect, it } from '@jest/globals';
import { type KeyFamily, type RegionalKey } from './key.js';
import { afterDays, settleDeletions } from './life-cycle.js';

const START = Date.parse('2026-01-01T00:00:00Z');

const regional = (region: string, more: Partial<RegionalKey> = {}): [string, RegionalKey] => [
  region,
  {
    region,
    createdAt: START,
    description: '',
    policy: { statements: [], source: '{}' },
    tags: new Map(),
    standing: 'Enabled',
    ...more,
  },
];

const family = (...regions: [string, RegionalKey][]): KeyFamily => ({
  accountId: '111122223333',
  keyId: 'mrk-0123456789abcdef0123456789abcdef',
  spec: 'RSA_4096',
  usage: 'ENCRYPT_DECRYPT',
  multiRegion: true,
  primaryRegion: 'us-east-2',
  material: { kind: 'rsa', privateKeyPem: '', publicKey: '' },
  regional: new Map(regions),
});

const primaryAwaiting = regional('us-east-2', { standing: 'PendingReplicaDeletion', pendingWindowDays: 10 });
const dying = (region: string, days: number) => regional(region, { standing: 'PendingDeletion', deletesAt: afterDays(START, days) });

function settled(of: KeyFamily, days: number): { left: string[]; gone: string[] } {
  const gone: string[] = [];
  settleDeletions(of, afterDays(START, days), ({ region }, at) => gone.push(`${region} on day ${(at - START) / 86_400_000}`));
  return { left: [...of.regional.values()].map(({ region, standing }) => `${region} ${standing}`), gone };
}

describe('deletions that fall due', () => {
  it('leave a key alone until its day', () => {
    expect(settled(family(dying('us-east-2', 7)), 6.9)).toEqual({ left: ['us-east-2 PendingDeletion'], gone: [] });
    expect(settled(family(dying('us-east-2', 7)), 7)).toEqual({ left: [], gone: ['us-east-2 on day 7'] });
  });

  it('let a primary begin its wait when its last replica went, not when somebody looked', () => {
    const keys = family(structuredClone(primaryAwaiting), dying('us-west-2', 7), dying('eu-west-1', 9));
    expect(settled(keys, 8)).toEqual({
      left: ['us-east-2 PendingReplicaDeletion', 'eu-west-1 PendingDeletion'],
      gone: ['us-west-2 on day 7'],
    });
    expect(settled(keys, 12).left).toEqual(['us-east-2 PendingDeletion']);
    expect(keys.regional.get('us-east-2')?.deletesAt).toBe(afterDays(START, 19));
  });

  it('catch up with a clock that leapt over everything', () => {
    const keys = family(structuredClone(primaryAwaiting), dying('us-west-2', 7));
    expect(settled(keys, 100)).toEqual({ left: [], gone: ['us-west-2 on day 7', 'us-east-2 on day 17'] });
  });
});
