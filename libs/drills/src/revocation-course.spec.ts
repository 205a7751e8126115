import { describe, expect, test } from '@jest/globals';
import { type Look, type RevocationCourse, after, courseFrom } from './revocation-course.js';
import { revocationReport } from './revocation-report.js';

const [MAIN, REPLICA] = ['us-east-2', 'us-west-2'];
const OK = { ok: true } as const;
const REFUSED = { ok: false, isRefused: true, code: 'refused', cause: 'key_disabled', region: MAIN } as const;
const SILENT = { ok: false, isRefused: false, code: 'unreachable' } as const;

type Says = 'usable' | 'refused' | 'silent';
const look = (second: number, unseal: Look['unseal'], main: Says, replica: Says = main): Look => ({
  from: second * 1_000,
  at: second * 1_000,
  unseal,
  regions: [
    { region: MAIN, says: main, ...(main === 'refused' && { cause: 'key_disabled' }) },
    { region: REPLICA, says: replica },
  ],
});
const courseOf = (...looks: Look[]): RevocationCourse => looks.reduce(after, courseFrom(0));

describe('a revocation drill', () => {
  const whole = [
    look(1, OK, 'usable'),
    look(2, OK, 'refused', 'usable'),
    look(3, OK, 'refused'),
    look(4, REFUSED, 'refused'),
    look(5, REFUSED, 'usable', 'refused'),
    look(6, REFUSED, 'usable'),
    look(7, REFUSED, 'usable'),
    look(8, OK, 'usable'),
  ];

  test('goes from one step to the next by what is seen', () => {
    const steps = whole.map((_, at) => courseOf(...whole.slice(0, at + 1)).step);
    expect(steps).toEqual([
      'waiting_for_disable',
      'measuring',
      'measuring',
      'waiting_for_enable',
      'waiting_for_enable',
      'recovering',
      'recovering',
      'done',
    ]);
  });

  test('reports upper bounds: from the last look before, to the first look after', () => {
    expect(revocationReport(courseOf(...whole), 60, undefined)).toMatchObject({
      disabledAfter: '1970-01-01T00:00:01.000Z',
      disabledBy: '1970-01-01T00:00:02.000Z',
      lastUnseal: { at: '1970-01-01T00:00:03.000Z', by: 'drill' },
      secondsToLastUnseal: 2,
      secondsToCutOff: 3,
      cutOffCause: 'key_disabled',
      cutOffRegion: MAIN,
      enabledAfter: '1970-01-01T00:00:05.000Z',
      secondsToRecovery: 3,
      dataKeyCacheSeconds: 60,
      blindSeconds: 1,
      regions: { [MAIN]: { withdrawnBy: '1970-01-01T00:00:02.000Z', returnedBy: '1970-01-01T00:00:05.000Z' } },
    });
  });

  test('counts an unseal of anybody on any node that came after its own', () => {
    const course = courseOf(...whole);
    expect(revocationReport(course, 60, 4_250)).toMatchObject({
      lastUnseal: { at: '1970-01-01T00:00:04.250Z', by: 'traffic' },
      secondsToLastUnseal: 3.3,
    });
    expect(revocationReport(course, 60, 2_000)).toMatchObject({ lastUnseal: { by: 'drill' } });
  });

  test('takes a refusal for the disabling when no Region was seen to be withdrawn before', () => {
    const course = courseOf(look(1, OK, 'usable'), look(2, REFUSED, 'usable'));
    expect(course).toMatchObject({ step: 'waiting_for_enable', disabled: { after: 1_000, by: 2_000 }, cutOff: { cause: 'key_disabled' } });
    const finished = after(course, look(3, OK, 'usable'));
    expect(revocationReport(finished, 0, undefined)).toMatchObject({ secondsToLastUnseal: 0, secondsToCutOff: 1, secondsToRecovery: null });
  });

  test('takes silence for nothing: neither for the cut-off, nor for the withdrawal, nor for the return', () => {
    const waiting = courseOf(look(1, SILENT, 'silent'), look(2, SILENT, 'usable', 'silent'));
    expect(waiting).toMatchObject({ step: 'waiting_for_disable' });
    const measuring = courseOf(look(1, OK, 'refused'), look(2, SILENT, 'silent'));
    expect(measuring).toMatchObject({ step: 'measuring', regions: { [MAIN]: { says: 'refused' } } });
    const late = courseOf(look(1, OK, 'usable'), look(2, SILENT, 'silent'), look(9, OK, 'refused'));
    expect(late.disabled).toEqual({ after: 1_000, by: 9_000 });
    const off = after(measuring, look(3, REFUSED, 'refused'));
    expect(after(off, look(4, REFUSED, 'usable', 'silent'))).toMatchObject({ step: 'waiting_for_enable' });
  });

  test('waits again when the key is withdrawn once more before it has served', () => {
    const course = courseOf(look(1, REFUSED, 'refused'), look(2, REFUSED, 'usable'), look(3, REFUSED, 'refused', 'usable'));
    expect(course).toMatchObject({ step: 'waiting_for_enable' });
    expect(course.enabled).toBeUndefined();
    expect(courseOf(look(1, REFUSED, 'refused'), look(2, OK, 'usable'))).toMatchObject({ step: 'done', enabled: { after: 1_000 } });
  });

  test('counts a look that takes long for as long as it may have been: well at its beginning, served at its end', () => {
    const course = courseOf({ ...look(5, OK, 'usable'), from: 1_000 }, { ...look(9, OK, 'refused'), from: 6_000 });
    expect(course).toMatchObject({ disabled: { after: 1_000, by: 9_000 }, lastUnsealAt: 9_000 });
  });

  test('tells for how long nobody looked', () => {
    expect(courseOf(look(1, OK, 'usable'), look(31, OK, 'usable'), look(32, OK, 'usable')).blindMs).toBe(30_000);
  });
});
