import { randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { RootKey } from '#envelope';
import { FLOW_SECONDS, type OidcFlow, OidcFlows } from './oidc-flows.js';

const rootKey = RootKey.fromBytes(randomBytes(32));
const aFlow = (startedAt = Date.now()): OidcFlow => ({
  workspaceId: 'w',
  providerId: 'p',
  state: 's',
  nonce: 'n',
  codeVerifier: 'the verifier of the code',
  returnTo: '/',
  startedAt,
});

describe('a flow that a browser keeps', () => {
  const flows = new OidcFlows(rootKey);

  test('comes back as it was, on every node', () => {
    const flow = aFlow();
    expect(new OidcFlows(rootKey).open(flows.seal(flow))).toEqual(flow);
  });

  test('cannot be read on the way', () => {
    const sealed = flows.seal(aFlow());
    expect(Buffer.from(sealed, 'base64url').includes('verifier')).toBe(false);
  });

  test('is over after ten minutes', () => {
    expect(FLOW_SECONDS).toBe(600);
    expect(flows.open(flows.seal(aFlow(Date.now() - 599_000)))).toBeDefined();
    expect(flows.open(flows.seal(aFlow(Date.now() - 600_000)))).toBeUndefined();
  });

  test('is none with any byte changed, cut off, or of another service', () => {
    const bytes = Buffer.from(flows.seal(aFlow()), 'base64url');
    for (const at of bytes.keys()) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(flows.open(changed.toString('base64url'))).toBeUndefined();
    }
    expect(flows.open(bytes.subarray(0, -1).toString('base64url'))).toBeUndefined();
    expect(flows.open('')).toBeUndefined();
    expect(new OidcFlows(RootKey.fromBytes(randomBytes(32))).open(bytes.toString('base64url'))).toBeUndefined();
  });
});
