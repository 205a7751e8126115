import { describe, expect, it } from '@jest/globals';
import { Ledger } from './ledger.js';

const ARRIVED = { at: '', method: 'POST', path: '/', host: '127.0.0.1', headerNames: [], bodySha256: '' };

describe('the ledger', () => {
  it('keeps the newest hundred thousand calls', () => {
    const ledger = new Ledger();
    for (let count = 0; count < 250_000; count++) ledger.open({ ...ARRIVED, requestId: String(count) });
    const { calls, lastSeq } = ledger.since(0);
    expect(lastSeq).toBe(250_000);
    expect(calls).toHaveLength(100_000);
    expect(calls[0]?.seq).toBe(150_001);
  });

  it('lists a call from its arrival on, while its outcome is pending', () => {
    const ledger = new Ledger();
    const entry = ledger.open({ ...ARRIVED, requestId: 'r' });
    expect(ledger.since(0).calls).toMatchObject([{ seq: 1, outcome: 'pending' }]);
    entry.outcome = 'ok';
    expect(ledger.since(0).calls).toMatchObject([{ seq: 1, outcome: 'ok' }]);
    expect(ledger.since(1).calls).toEqual([]);
  });
});
