import { describe, expect, test } from '@jest/globals';
import type { KeyHealth, ProbeReport, RegionHealth } from '#key-strategies';
import { type KnownHealth, judge } from './record-report.js';

const MAIN = 'us-east-2';
const REPLICA = 'us-west-2';
const NOW = new Date('2026-11-22T12:00:00Z');
const inDays = (days: number) => new Date(NOW.getTime() + days * 86_400_000);

const known = (health: KeyHealth, more: Partial<KnownHealth> = {}): KnownHealth => ({
  health,
  cause: null,
  region: null,
  awsError: null,
  awsRequestId: null,
  regions: [MAIN, REPLICA].map((region) => ({ region, health: 'healthy', cause: null, deletion_date: null })),
  probe: { is_external_id_due: false, is_deletion_notice_due: true },
  ...more,
});
const regions = (main: Partial<RegionHealth>, replica: Partial<RegionHealth> = { health: 'healthy' }): RegionHealth[] => [
  { region: MAIN, ...main },
  { region: REPLICA, ...replica },
];
const report = (health: KeyHealth, more: Partial<ProbeReport> = {}): ProbeReport => ({
  ok: health === 'healthy',
  health,
  checks: [],
  calls: [],
  config: {},
  regions: regions({ health: 'healthy' }),
  ...more,
});
const because = (cause: string, region?: string) => ({ check: 'describe_key', ok: false, cause, ...(region && { region }) });
const judged = (before: KnownHealth, found: ProbeReport) => judge({ vaultId: 'vault', vaultKeyId: 'key' }, before, found, NOW);

describe('what a probe means', () => {
  test('is nothing new when all is as it was', () => {
    expect(judged(known('healthy'), report('healthy'))).toMatchObject({ changes: [], notices: [] });
  });

  test('is no news of Regions that are looked at for the first time and are well', () => {
    expect(judged(known('healthy', { regions: [] }), report('healthy')).changes).toEqual([]);
  });

  test('is a change of the whole and of the Region where it comes from', () => {
    const decisive = because('key_disabled', MAIN);
    const { changes, finding } = judged(
      known('healthy'),
      report('refused', { decisive, regions: regions({ health: 'refused', decisive }) }),
    );
    expect(finding).toMatchObject({ health: 'refused', cause: 'key_disabled', region: MAIN });
    expect(changes).toEqual([
      expect.objectContaining({ before: 'healthy', health: 'refused', cause: 'key_disabled' }),
      expect.objectContaining({ region: MAIN, before: 'healthy', health: 'refused', cause: 'key_disabled' }),
    ]);
  });

  test('is a change also when only the cause is another one', () => {
    const before = known('refused', { cause: 'key_disabled' });
    expect(judged(before, report('refused', { decisive: because('key_not_found') })).changes).toHaveLength(1);
  });

  test('keeps all that a refusal rests on when silence leaves it as it was', () => {
    const refusedMain = [{ region: MAIN, health: 'refused' as const, cause: 'key_disabled', deletion_date: null }];
    const word = { cause: 'key_disabled', region: MAIN, awsError: 'DisabledException', awsRequestId: 'a-request' };
    const before = known('refused', { ...word, regions: refusedMain });
    const silent = report('refused', { regions: regions({ health: 'unreachable', decisive: because('region_unreachable', MAIN) }) });
    const { finding, findings, changes } = judged(before, silent);
    expect(finding).toEqual({ health: 'refused', ...word });
    expect(findings.map(({ region }) => region)).toEqual([REPLICA]);
    expect(changes).toEqual([]);
  });

  test('says nothing of a Region whose answer was our own fault', () => {
    expect(judged(known('healthy'), report('healthy', { regions: regions({}) })).findings.map(({ region }) => region)).toEqual([REPLICA]);
  });

  test('counts down in whole days, to the first Region that goes', () => {
    const doomed = (days: number) => ({
      health: 'pending_deletion' as const,
      decisive: because('key_pending_deletion'),
      deletionDate: inDays(days),
    });
    const found = report('pending_deletion', {
      decisive: because('key_pending_deletion', MAIN),
      regions: regions(doomed(29.5), doomed(6.1)),
    });
    const { notices, deletionNotice } = judged(known('healthy'), found);
    expect(notices).toEqual([
      expect.objectContaining({
        type: 'vault.key.pending_deletion_detected',
        details: {
          vaultKeyId: 'key',
          daysLeft: 7,
          deletionDate: inDays(6.1).toISOString(),
          regions: [expect.objectContaining({ region: MAIN, daysLeft: 30 }), expect.objectContaining({ region: REPLICA, daysLeft: 7 })],
        },
      }),
    ]);
    expect(deletionNotice).toBe('told');
  });

  test('tells of a deletion again only when a day has passed', () => {
    const before = known('pending_deletion', {
      cause: 'key_pending_deletion',
      probe: { is_external_id_due: false, is_deletion_notice_due: false },
    });
    expect(judged(before, report('pending_deletion', { decisive: because('key_pending_deletion') }))).toMatchObject({
      notices: [],
      deletionNotice: 'keep',
    });
  });

  describe('of the external ID', () => {
    const due = { probe: { is_external_id_due: true, is_deletion_notice_due: true } };
    const enforced = { externalId: 'enforced' as const, checks: [{ check: 'external_id', ok: true }] };
    const open = {
      externalId: 'not_enforced' as const,
      checks: [{ check: 'external_id', ok: false, cause: 'external_id_any_accepted' }],
      decisive: because('external_id_any_accepted'),
    };
    const types = (before: KnownHealth, found: ProbeReport) => judged(before, found).notices.map(({ type }) => type);

    test('is told once a day when it is enforced', () => {
      expect(types(known('healthy', due), report('healthy', enforced))).toEqual(['vault.external_id_check_passed']);
      expect(types(known('healthy'), report('healthy', enforced))).toEqual([]);
    });

    test('is told when it first is not, and then once a day', () => {
      expect(types(known('healthy'), report('refused', open))).toEqual(['vault.external_id_check_failed']);
      const refused = { cause: 'external_id_any_accepted' };
      expect(types(known('refused', refused), report('refused', open))).toEqual([]);
      expect(types(known('refused', { ...refused, ...due }), report('refused', open))).toEqual(['vault.external_id_check_failed']);
    });

    test('is not known when nobody could be asked, and asked again with the next probe', () => {
      const unknown = {
        externalId: 'not_known' as const,
        checks: [{ check: 'external_id', ok: false, cause: 'external_id_proof_not_possible' }],
      };
      expect(judged(known('healthy', due), report('degraded', unknown))).toMatchObject({
        notices: [],
        isExternalIdKnown: false,
        isExternalIdProven: false,
      });
    });
  });
});
