import { type QueryCall } from '../wire/aws-query.js';
import { encodePolicy, limitExceeded, noSuchEntity } from './iam-answers.js';
import { type IamOperation } from './iam-operation.js';
import { requiredName, requiredText } from './iam-parameters.js';
import { type Role, type User } from './iam-state.js';
import { parsePolicy, policySize } from './policy-document.js';
import { askedRoleArn, existingRole } from './role-operations.js';
import { askedUserArn, existingUser } from './user-operations.js';

/** Roles and users keep inline policies in the same way; what differs is said here. */
interface Owners {
  readonly noun: 'role' | 'user';
  readonly nameParameter: 'RoleName' | 'UserName';
  /** Characters of all inline policies of one owner together, white space not counted. */
  readonly quota: number;
  readonly resource: (call: QueryCall) => string;
  readonly existing: (call: QueryCall) => Role | User;
}

const ROLES: Owners = { noun: 'role', nameParameter: 'RoleName', quota: 10_240, resource: askedRoleArn, existing: existingRole };
const USERS: Owners = { noun: 'user', nameParameter: 'UserName', quota: 2048, resource: askedUserArn, existing: existingUser };

const policyName = ({ params }: QueryCall): string => requiredName(params, 'PolicyName', 128);

const put = ({ noun, nameParameter, quota, resource, existing }: Owners): IamOperation => ({
  parameters: [nameParameter, 'PolicyName', 'PolicyDocument'],
  resource,
  run: (call) => {
    const name = policyName(call);
    const text = requiredText(call.params, 'PolicyDocument', 131_072);
    const owner = existing(call);
    const policy = parsePolicy(text, 'identity');
    const policies = new Map(owner.policies).set(name, policy);
    const size = [...policies.values()].reduce((sum, { source }) => sum + policySize(source), 0);
    if (size > quota) throw limitExceeded(`Maximum policy size of ${quota} bytes exceeded for ${noun} ${owner.name}`);
    owner.policies = policies;
    return undefined;
  },
});

const get = ({ noun, nameParameter, resource, existing }: Owners): IamOperation => ({
  parameters: [nameParameter, 'PolicyName'],
  resource,
  run: (call) => {
    const name = policyName(call);
    const owner = existing(call);
    const policy = owner.policies.get(name);
    if (policy === undefined) throw noSuchEntity(`${noun} policy`, name);
    return { [nameParameter]: owner.name, PolicyName: name, PolicyDocument: encodePolicy(policy.source) };
  },
});

const remove = ({ noun, nameParameter, resource, existing }: Owners): IamOperation => ({
  parameters: [nameParameter, 'PolicyName'],
  resource,
  run: (call) => {
    const name = policyName(call);
    if (!existing(call).policies.delete(name)) throw noSuchEntity(`${noun} policy`, name);
    return undefined;
  },
});

const list = ({ nameParameter, resource, existing }: Owners): IamOperation => ({
  parameters: [nameParameter],
  resource,
  run: (call) => ({ PolicyNames: [...existing(call).policies.keys()].sort(), IsTruncated: false }),
});

export const INLINE_POLICY_OPERATIONS = {
  PutRolePolicy: put(ROLES),
  GetRolePolicy: get(ROLES),
  DeleteRolePolicy: remove(ROLES),
  ListRolePolicies: list(ROLES),
  PutUserPolicy: put(USERS),
  GetUserPolicy: get(USERS),
  DeleteUserPolicy: remove(USERS),
} as const;
