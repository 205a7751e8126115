import { describe, expect, jest, test } from '@jest/globals';
import { Schedule, pauseMs } from './schedule.js';

const unexpected = (error: unknown) => {
  throw error;
};

describe('a schedule', () => {
  test('starts the first run at once, and waits for its end before it stops', async () => {
    const { promise: end, resolve: finish } = Promise.withResolvers<undefined>();
    const events: string[] = [];
    const schedule = new Schedule(
      async () => {
        events.push('begin');
        await end;
        events.push('end');
      },
      { everySeconds: 60, onFailure: unexpected },
    );
    schedule.start();
    expect(events).toEqual(['begin']);
    const stopped = schedule.stop().then(() => events.push('stopped'));
    finish(undefined);
    await stopped;
    expect(events).toEqual(['begin', 'end', 'stopped']);
  });

  test('never has two runs at a time, and none after it was stopped', async () => {
    jest.useFakeTimers();
    try {
      let begun = 0;
      const { promise: end, resolve: finish } = Promise.withResolvers<undefined>();
      const schedule = new Schedule(
        () => {
          begun++;
          return end;
        },
        { everySeconds: 1, onFailure: unexpected },
      );
      schedule.start();
      await jest.advanceTimersByTimeAsync(60_000);
      expect(begun).toBe(1);
      finish(undefined);
      await jest.advanceTimersByTimeAsync(1_300);
      expect(begun).toBe(2);
      await schedule.stop();
      await jest.advanceTimersByTimeAsync(60_000);
      expect(begun).toBe(2);
    } finally {
      jest.useRealTimers();
    }
  });

  test('goes on after a run that failed, and tells of it', async () => {
    jest.useFakeTimers();
    try {
      const failures: unknown[] = [];
      let runs = 0;
      const failing = () => {
        runs++;
        return Promise.reject(new Error('no connection'));
      };
      const schedule = new Schedule(failing, { everySeconds: 1, random: () => 0.5, onFailure: (error) => failures.push(error) });
      schedule.start();
      await jest.advanceTimersByTimeAsync(3_500);
      await schedule.stop();
      expect(runs).toBe(4);
      expect(failures).toHaveLength(4);
    } finally {
      jest.useRealTimers();
    }
  });

  test('spreads its runs by a fifth either way', () => {
    expect(pauseMs({ everySeconds: 100, random: () => 0 })).toBe(80_000);
    expect(pauseMs({ everySeconds: 100, random: () => 0.5 })).toBe(100_000);
    expect(pauseMs({ everySeconds: 100, random: () => 1 })).toBe(120_000);
  });
});
