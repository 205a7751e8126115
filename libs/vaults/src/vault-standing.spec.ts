import { expect, test } from '@jest/globals';
import { type StatusAct, type VaultStanding, standingAfter } from './vault-standing.js';

const STANDINGS = {
  active: { status: 'active', resumesAs: null },
  disabled: { status: 'disabled', resumesAs: null },
  'suspended, active before': { status: 'suspended', resumesAs: 'active' },
  'suspended, disabled before': { status: 'suspended', resumesAs: 'disabled' },
} as const satisfies Record<string, VaultStanding>;
type Name = keyof typeof STANDINGS;

test.each<[Name, Record<StatusAct, Name>]>([
  ['active', { disable: 'disabled', enable: 'active', suspend: 'suspended, active before', resume: 'active' }],
  ['disabled', { disable: 'disabled', enable: 'active', suspend: 'suspended, disabled before', resume: 'disabled' }],
  [
    'suspended, active before',
    { disable: 'suspended, disabled before', enable: 'suspended, active before', suspend: 'suspended, active before', resume: 'active' },
  ],
  [
    'suspended, disabled before',
    {
      disable: 'suspended, disabled before',
      enable: 'suspended, active before',
      suspend: 'suspended, disabled before',
      resume: 'disabled',
    },
  ],
])('a vault that is %s becomes what was decided, and a suspension hides the other decision without losing it', (before, after) => {
  const found = (act: StatusAct) => standingAfter(act, STANDINGS[before]);
  for (const [act, name] of Object.entries(after)) expect([act, found(act as StatusAct)]).toEqual([act, STANDINGS[name]]);
});
