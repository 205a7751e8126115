import { describe, expect, test } from '@jest/globals';
import { ALERT_TYPES, type AuditEventView, type EventType } from '#audit';
import { mailOf } from './mail-text.js';

const PLACE = { workspace: 'Acme', vault: 'Production' };

function anEvent(type: EventType, details: AuditEventView['details'] = {}): AuditEventView {
  return {
    id: '0199c2f0-8a51-7cc0-b0a5-6f1f6c1f9a10',
    at: '2026-11-22T10:00:00.000000Z',
    type,
    principal: { kind: 'system', role: 'system', id: 'system', name: 'Keyhold' },
    caller: null,
    requestId: 'r',
    sourceAddress: 'internal',
    boxId: null,
    vaultId: 'v',
    itemId: null,
    itemVersion: null,
    region: null,
    kmsRequestId: null,
    calls: [],
    details,
  };
}

describe('a mail', () => {
  test.each(ALERT_TYPES)('of %s says what happened, what it means, and what to do', (type) => {
    const { subject, text } = mailOf(anEvent(type), PLACE);
    expect(subject).toMatch(/^\[Keyhold\] .{10,}\.$/);
    expect(text).toMatch(
      /^What happened\n.{10,}\n\nWhat it means\n.{10,}\n\nWhat to do\n.{5,}\n\nWorkspace: “Acme”\nVault: “Production”\n/,
    );
  });

  test.each(['healthy', 'degraded', 'unreachable', 'refused', 'pending_deletion'])('of a key that is %s has words of its own', (after) => {
    const { text } = mailOf(anEvent('vault.key.health_changed', { after, cause: 'key_disabled', region: 'us-east-2' }), PLACE);
    expect(text).toContain(`The key of the vault “Production” is ${after.replace('_', ' ')} (key_disabled).`);
    expect(text).toContain('Region: us-east-2');
    expect(text).not.toContain('does not know');
  });

  test('of a deletion counts the days', () => {
    const details = { deletionDate: '2026-12-01T00:00:00.000Z', daysLeft: 1 };
    const { subject, text } = mailOf(anEvent('vault.key.pending_deletion_detected', details), PLACE);
    expect(subject).toContain('1 day left');
    expect(text).toContain('AWS deletes it on 2026-12-01T00:00:00.000Z');
    expect(mailOf(anEvent('vault.key.pending_deletion_detected', { daysLeft: 6 }), PLACE).subject).toContain('6 days left');
  });

  test('of a job tells its counts', () => {
    const details = { kind: 'vault.rekey', total: 10, done: 7, failed: 3, cause: 'key_disabled' };
    expect(mailOf(anEvent('job.failed', details), PLACE).text).toContain('Done: 7 of 10. Left out: 3.');
    expect(mailOf(anEvent('job.completed', details), PLACE).text).toContain('Look at the result of the job');
    expect(mailOf(anEvent('job.completed', { ...details, failed: 0 }), PLACE).text).toContain('What to do\nNothing.');
  });

  test('keeps names on one line and in bounds, whatever somebody called a vault', () => {
    const vault = `Evil\r\nBcc: all@acme.example\n${'x'.repeat(300)}`;
    const { subject, text } = mailOf(anEvent('vault.key.health_changed', { after: 'refused' }), { workspace: 'A', vault });
    expect(subject).not.toMatch(/[\r\n]/);
    expect(subject.length).toBeLessThanOrEqual(200);
    expect(text).not.toMatch(/^Bcc:/m);
    expect(text).not.toContain('x'.repeat(100));
  });
});
