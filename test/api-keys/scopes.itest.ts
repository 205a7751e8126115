import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Action, SCOPES } from '#access';
import { aKey } from '../harness/api-key.js';
import { type Keyhold, type Workspace, startKeyhold } from '../harness/service.js';

jest.setTimeout(60_000);

/** Operations that each scope opens by itself; together with `NO_SCOPE`, all there are. */
const OPENS: Readonly<Partial<Record<Action, readonly string[]>>> = {
  'workspace:read': ['getWorkspace', 'getAwsSetup', 'getAwsSetupFile'],
  'workspace:manage': ['updateWorkspace'],
  'vault:read': [
    'listVaults',
    'getVault',
    'getVaultHealth',
    'listVaultHealthChanges',
    'listDeletedVaults',
    'listPurges',
    'getPurge',
    'listVaultDrills',
    'getVaultDrill',
  ],
  'vault:create': [
    'createVault',
    'createSetupLink',
    'listSetupLinks',
    'getSetupLink',
    'revokeSetupLink',
    'listSetupProposals',
    'discardSetupProposal',
  ],
  'vault:manage': [
    'updateVault',
    'verifyVault',
    'setDefaultVault',
    'disableVault',
    'enableVault',
    'suspendVault',
    'resumeVault',
    'purgeVault',
    'startVaultRevocationDrill',
    'startVaultRegionDrill',
    'cancelVaultDrill',
    'deleteVault',
    'restoreVault',
    'rekeyVault',
    'undoRekey',
    'evacuateVault',
    'moveItems',
  ],
  'member:read': ['listMembers', 'getMember', 'listGroups', 'getGroup', 'listGroupMembers'],
  'member:manage': ['inviteMember', 'updateMember', 'removeMember', 'renewInvitation'],
  'group:manage': ['createGroup', 'deleteGroup', 'addGroupMember', 'removeGroupMember'],
  'job:read': ['listJobs', 'getJob'],
  'job:manage': ['pauseJob', 'resumeJob', 'cancelJob'],
  'webhook:read': ['listWebhooks', 'getWebhook', 'listWebhookDeliveries', 'getAlertSettings'],
  'webhook:manage': [
    'createWebhook',
    'updateWebhook',
    'deleteWebhook',
    'rotateWebhookSecret',
    'testWebhook',
    'replayWebhookDelivery',
    'setAlertSettings',
  ],
  'identity_provider:manage': [
    'createIdentityProvider',
    'listIdentityProviders',
    'getIdentityProvider',
    'updateIdentityProvider',
    'deleteIdentityProvider',
  ],
  'api_key:read': ['listApiKeys', 'getApiKey'],
  'api_key:manage': ['createApiKey', 'revokeApiKey'],
  'access:any_box': [],
  'box:create': ['createBox'],
  'box:read': ['listBoxes', 'getBox'],
  'box:manage': ['updateBox', 'deleteBox', 'restoreBox', 'getBoxAccess', 'listGrants', 'addGrant', 'changeGrant', 'removeGrant'],
  'item:read': ['listItems', 'getItem', 'listItemVersions'],
  'item:seal': ['createItem', 'createItemVersion', 'seal'],
  'item:unseal': ['unsealItem', 'unseal'],
  'item:delete': ['deleteItem', 'moveItem', 'moveItemToVault'],
  'item:export': ['exportItem'],
  'audit:read': ['listAuditEvents'],
};
/** Of the operator, of people, and of links for AWS administrators. */
const NO_SCOPE = [
  'createWorkspace',
  'resetMember',
  'openAwsSetup',
  'proposeKey',
  'transferOwnership',
  'getSession',
  'signOut',
  'confirmIdentity',
  'startOidcConfirmation',
  'changePassword',
  'openAuthenticator',
  'changeAuthenticator',
  'renewRecoveryCodes',
  'listSessions',
  'endSession',
];

interface Operation {
  operationId: string;
  method: string;
  path: string;
}

describe('the scopes of a key', () => {
  let keyhold: Keyhold;
  let acme: Workspace;
  let operations: Operation[];

  beforeAll(async () => {
    keyhold = await startKeyhold();
    acme = await keyhold.aWorkspace();
    const { body } = await keyhold.operator('GET', '/v1/openapi.json');
    type Documented = Record<string, { operationId: string; security?: object[] }>;
    operations = Object.entries(body.paths as Record<string, Documented>).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, { security = [] }]) => security.length > 0)
        .map(([method, { operationId }]) => ({ operationId, method: method.toUpperCase(), path })),
    );
  });
  afterAll(() => keyhold.stop());

  /** With ids of nothing, and a body that says nothing: the answer tells only whether one came that far. */
  const ask = async (token: string, { method, path }: Operation) => {
    const url = `${keyhold.url}${path.replace('{workspaceId}', acme.id).replaceAll(/\{\w+\}/g, randomUUID())}`;
    const body = ['POST', 'PUT', 'PATCH'].includes(method) ? { body: '{}' } : {};
    const headers = { authorization: `Bearer ${token}`, ...(body.body !== undefined && { 'content-type': 'application/json' }) };
    const answer = await fetch(url, { method, headers, ...body });
    const text = await answer.text();
    return { status: answer.status, code: text === '' ? undefined : (JSON.parse(text) as { code?: string }).code };
  };

  test('are all in the table, and so is every operation that asks who calls', () => {
    expect(new Set(Object.keys(OPENS))).toEqual(new Set(SCOPES));
    expect(new Set([...Object.values(OPENS).flat(), ...NO_SCOPE])).toEqual(new Set(operations.map(({ operationId }) => operationId)));
  });

  test.each(SCOPES.map((scope) => ({ scope })))('$scope opens its operations and no other', async ({ scope }) => {
    const { token } = await aKey(keyhold, acme, { scopes: [scope] });
    const opened: string[] = [];
    for (const operation of operations) {
      const { status, code } = await ask(token, operation);
      expect(status).toBeLessThan(500);
      expect(status).not.toBe(401);
      if (status !== 403 || code !== 'forbidden') opened.push(operation.operationId);
    }
    expect(new Set(opened)).toEqual(new Set(OPENS[scope]));
  });
});
