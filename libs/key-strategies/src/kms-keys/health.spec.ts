import { describe, expect, test } from '@jest/globals';
import { regionPair } from '#aws';
import type { KeyHealth } from '../contract.js';
import type { Failure } from './causes.js';
import { failed, type Finding, passed } from './finding.js';
import { regionVerdictOf, verdictOf } from './health.js';

const MAIN = 'us-east-2';
const REPLICA = 'us-west-2';
const provedIn = (...regions: ('us-east-2' | 'us-west-2')[]): Finding[] => regions.map((region) => passed('decrypt', region));
const failing = (...causes: Failure[]): Finding[] => causes.map((cause) => failed('describe_key', cause, MAIN));
const verdict = (findings: Finding[], lastKnown?: KeyHealth) => verdictOf(findings, regionPair(MAIN, REPLICA), lastKnown);
const health = (findings: Finding[], lastKnown?: KeyHealth) => verdict(findings, lastKnown).health;

describe('key health', () => {
  test('is healthy when everything was proved', () => {
    expect(health(provedIn(MAIN, REPLICA))).toBe('healthy');
  });

  test('is degraded when one Region could not be asked', () => {
    expect(health([...failing('region_unreachable'), ...provedIn(REPLICA)])).toBe('degraded');
  });

  test('is unreachable when nobody could be asked', () => {
    expect(health(failing('region_unreachable', 'region_unreachable'))).toBe('unreachable');
    expect(health(failing('sts_unreachable'))).toBe('unreachable');
  });

  test('needs a decryption: descriptions alone prove nothing', () => {
    expect(health([passed('describe_key', MAIN), passed('public_key', MAIN), ...failing('region_unreachable')])).toBe('unreachable');
  });

  test.each<Failure>([
    'key_disabled',
    'assume_role_refused',
    'decrypt_not_allowed',
    'key_not_found',
    'public_key_changed',
    'external_id_not_required',
  ])('is refused for %s, although the other Region works', (cause) => {
    expect(health([...failing(cause), ...provedIn(REPLICA)])).toBe('refused');
  });

  test('tells a pending deletion before any other refusal', () => {
    expect(health(failing('key_disabled', 'key_pending_deletion'))).toBe('pending_deletion');
  });

  test.each<Failure>([
    'region_unreachable',
    'throttled',
    'busy',
    'sts_unreachable',
    'session_not_accepted',
    'platform_identity_unusable',
    'key_not_ready',
  ])('%s never makes it refused', (cause) => {
    expect(['unreachable', 'degraded']).toContain(health(failing(cause)));
    expect(['unreachable', 'degraded']).toContain(health([...failing(cause), ...provedIn(REPLICA)]));
  });

  test.each(['refused', 'pending_deletion'] as const)('stays %s while anything could not be asked', (lastKnown) => {
    expect(health(failing('region_unreachable', 'region_unreachable'), lastKnown)).toBe(lastKnown);
    expect(health([...failing('region_unreachable'), ...provedIn(REPLICA)], lastKnown)).toBe(lastKnown);
  });

  test('recovers from a refusal when everything was proved again', () => {
    expect(health(provedIn(MAIN, REPLICA), 'refused')).toBe('healthy');
  });

  test('does not change for what may be our own bug', () => {
    expect(health([...failing('answer_not_intact'), ...provedIn(REPLICA)], 'healthy')).toBe('healthy');
    expect(health(failing('round_trip_mismatch'), 'refused')).toBe('refused');
  });

  test('rests on the failure that decided, not on the first one', () => {
    expect(verdict(failing('external_id_proof_not_possible', 'key_disabled')).decisive).toMatchObject({ cause: 'key_disabled' });
    expect(verdict(failing('key_disabled', 'key_pending_deletion')).decisive).toMatchObject({ cause: 'key_pending_deletion' });
    expect(verdict(failing('region_unreachable')).decisive).toMatchObject({ cause: 'region_unreachable' });
  });

  test('rests on nothing new while an earlier one stands', () => {
    expect(verdict(failing('region_unreachable'), 'refused')).toEqual({ health: 'refused' });
    expect(verdict(failing('answer_not_intact'), 'healthy')).toEqual({ health: 'healthy' });
    expect(verdict(provedIn(MAIN, REPLICA), 'refused')).toEqual({ health: 'healthy' });
  });

  test('is degraded, and usable, when the customer moved the primary key', () => {
    expect(health([...failing('primary_in_wrong_region'), ...provedIn(MAIN, REPLICA)])).toBe('degraded');
  });
});

describe('key health in one Region', () => {
  const inReplica = (findings: Finding[]) => regionVerdictOf(findings, REPLICA);

  test('is healthy by a decryption there, whatever the other Region says', () => {
    expect(inReplica([...failing('key_disabled'), ...provedIn(REPLICA)])).toEqual({ health: 'healthy' });
    expect(regionVerdictOf([...failing('key_disabled'), ...provedIn(REPLICA)], MAIN)).toMatchObject({ health: 'refused' });
  });

  test('is refused in every Region when the role refuses', () => {
    expect(inReplica([failed('assume_role', 'assume_role_refused', MAIN)])).toMatchObject({ health: 'refused' });
    expect(inReplica([failed('external_id', 'external_id_not_required')])).toMatchObject({ health: 'refused' });
  });

  test('is unreachable without a decryption, and keeps its cause', () => {
    expect(inReplica([failed('encrypt', 'throttled', REPLICA)])).toMatchObject({ health: 'unreachable', decisive: { cause: 'throttled' } });
    expect(inReplica([failed('assume_role', 'sts_unreachable')])).toMatchObject({ health: 'unreachable' });
    expect(inReplica([])).toEqual({ health: 'unreachable' });
  });

  test('is not touched by a silent STS while a kept session proves it', () => {
    expect(inReplica([failed('assume_role', 'sts_unreachable'), ...provedIn(REPLICA)])).toEqual({ health: 'healthy' });
  });

  test('is degraded when it decrypts but not all is as it should be', () => {
    const misplaced = failed('describe_key', 'primary_in_wrong_region', REPLICA);
    expect(inReplica([misplaced, ...provedIn(REPLICA)])).toEqual({ health: 'degraded', decisive: misplaced });
  });

  test('is not known after an answer that was our own fault', () => {
    expect(inReplica([failed('decrypt', 'round_trip_mismatch', REPLICA)])).toEqual({});
  });
});
