import { isoSeconds } from '../clock.js';
import { type QueryCall } from '../wire/aws-query.js';
import { type XmlValue } from '../wire/xml.js';
import { alreadyExists, deleteConflict, encodePolicy, limitExceeded, noSuchEntity } from './iam-answers.js';
import { newRoleId } from './iam-ids.js';
import { type IamOperation } from './iam-operation.js';
import { integerParameter, optionalText, pathParameter, requiredName, requiredText } from './iam-parameters.js';
import { type IamState, type Role } from './iam-state.js';
import { roleArn } from './identities.js';
import { parsePolicy, type PolicyDocument, policySize, renderPolicy } from './policy-document.js';

const TRUST_POLICY_CHARACTERS = 2048;
const POLICY_PARAMETER_LENGTH = 131_072;
const SESSION_DURATION = { min: 3600, max: 43_200, fallback: 3600 };

export const roleName = ({ params }: QueryCall): string => requiredName(params, 'RoleName', 64);

/** Of the role as it is, or as it would be without a path. */
export function askedRoleArn(call: QueryCall): string {
  const name = roleName(call);
  const { accountId } = call.caller;
  return call.state.roleNamed(accountId, name)?.arn ?? roleArn({ accountId, path: '/', name });
}

/** @throws NoSuchEntity */
export function existingRole(call: QueryCall): Role {
  const name = roleName(call);
  const role = call.state.roleNamed(call.caller.accountId, name);
  if (role === undefined) throw noSuchEntity('role', name);
  return role;
}

function trustPolicy(text: string, state: IamState): PolicyDocument {
  const policy = parsePolicy(text, 'trust', state);
  if (policySize(text) > TRUST_POLICY_CHARACTERS) throw limitExceeded(`Cannot exceed quota for ACLSizePerRole: ${TRUST_POLICY_CHARACTERS}`);
  return policy;
}

function describeRole(role: Role, state: IamState): Record<string, XmlValue> {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.roleId,
    Arn: role.arn,
    CreateDate: isoSeconds(role.createdAt),
    AssumeRolePolicyDocument: encodePolicy(renderPolicy(role.trustPolicy, state)),
    Description: role.description,
    MaxSessionDuration: role.maxSessionDurationSeconds,
  };
}

const newRoleArn = (call: QueryCall): string =>
  roleArn({ accountId: call.caller.accountId, path: pathParameter(call.params), name: roleName(call) });

const createRole: IamOperation = {
  parameters: ['RoleName', 'Path', 'AssumeRolePolicyDocument', 'Description', 'MaxSessionDuration'],
  resource: newRoleArn,
  run: (call) => {
    const { params, state, caller, now } = call;
    const name = roleName(call);
    const trust = requiredText(params, 'AssumeRolePolicyDocument', POLICY_PARAMETER_LENGTH);
    const description = params.get('Description') ?? undefined;
    const maxSessionDurationSeconds = integerParameter(params, 'MaxSessionDuration', SESSION_DURATION);
    if (state.roleNamed(caller.accountId, name)) throw alreadyExists('Role', name);
    const role: Role = {
      accountId: caller.accountId,
      arn: newRoleArn(call),
      path: pathParameter(params),
      name,
      createdAt: now,
      policies: new Map(),
      roleId: newRoleId(),
      ...(description !== undefined && { description }),
      maxSessionDurationSeconds,
      trustPolicy: trustPolicy(trust, state),
    };
    state.addRole(role);
    return { Role: describeRole(role, state) };
  },
};

const getRole: IamOperation = {
  parameters: ['RoleName'],
  resource: askedRoleArn,
  run: (call) => ({ Role: describeRole(existingRole(call), call.state) }),
};

const listRoles: IamOperation = {
  parameters: ['PathPrefix'],
  resource: ({ caller, params }) => roleArn({ accountId: caller.accountId, path: params.get('PathPrefix') ?? '/', name: '' }),
  run: ({ params, state, caller }) => {
    const prefix = optionalText(params, 'PathPrefix', 512) ?? '/';
    const roles = state.rolesOf(caller.accountId).filter(({ path }) => path.startsWith(prefix));
    return { Roles: roles.map((role) => describeRole(role, state)), IsTruncated: false };
  },
};

const deleteRole: IamOperation = {
  parameters: ['RoleName'],
  resource: askedRoleArn,
  run: (call) => {
    const role = existingRole(call);
    if (role.policies.size > 0) throw deleteConflict('policies');
    call.state.deleteRole(role);
    return undefined;
  },
};

const updateAssumeRolePolicy: IamOperation = {
  parameters: ['RoleName', 'PolicyDocument'],
  resource: askedRoleArn,
  run: (call) => {
    const text = requiredText(call.params, 'PolicyDocument', POLICY_PARAMETER_LENGTH);
    existingRole(call).trustPolicy = trustPolicy(text, call.state);
    return undefined;
  },
};

export const ROLE_OPERATIONS = {
  CreateRole: createRole,
  GetRole: getRole,
  ListRoles: listRoles,
  DeleteRole: deleteRole,
  UpdateAssumeRolePolicy: updateAssumeRolePolicy,
} as const;
