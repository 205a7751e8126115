import { isoSeconds } from '../clock.js';
import { AwsQueryError, type QueryCall } from '../wire/aws-query.js';
import { type XmlValue } from '../wire/xml.js';
import { alreadyExists, deleteConflict, noSuchEntity } from './iam-answers.js';
import { newUserId } from './iam-ids.js';
import { type IamOperation } from './iam-operation.js';
import { optionalName, pathParameter, requiredName } from './iam-parameters.js';
import { type User } from './iam-state.js';
import { userArn } from './identities.js';

const newUserArn = (call: QueryCall): string =>
  userArn({ accountId: call.caller.accountId, path: pathParameter(call.params), name: requiredName(call.params, 'UserName', 64) });

/** Where the name may be left out, the calling user is meant. */
function userName({ params, caller }: QueryCall): string {
  const name = optionalName(params, 'UserName', 64) ?? (caller.kind === 'user' ? caller.userName : undefined);
  if (name === undefined) throw new AwsQueryError('ValidationError', 400, 'Must specify userName when calling with non-User credentials');
  return name;
}

export function askedUserArn(call: QueryCall): string {
  const name = userName(call);
  const { accountId } = call.caller;
  return call.state.userNamed(accountId, name)?.arn ?? userArn({ accountId, path: '/', name });
}

/** @throws NoSuchEntity */
export function existingUser(call: QueryCall): User {
  const name = userName(call);
  const user = call.state.userNamed(call.caller.accountId, name);
  if (user === undefined) throw noSuchEntity('user', name);
  return user;
}

const describeUser = (user: User): Record<string, XmlValue> => ({
  Path: user.path,
  UserName: user.name,
  UserId: user.userId,
  Arn: user.arn,
  CreateDate: isoSeconds(user.createdAt),
});

const createUser: IamOperation = {
  parameters: ['UserName', 'Path'],
  resource: newUserArn,
  run: (call) => {
    const { params, state, caller, now } = call;
    const name = requiredName(params, 'UserName', 64);
    if (state.userNamed(caller.accountId, name)) throw alreadyExists('User', name);
    const user: User = {
      accountId: caller.accountId,
      arn: newUserArn(call),
      path: pathParameter(params),
      name,
      createdAt: now,
      policies: new Map(),
      userId: newUserId(),
    };
    state.addUser(user);
    return { User: describeUser(user) };
  },
};

const getUser: IamOperation = {
  parameters: ['UserName'],
  resource: askedUserArn,
  run: (call) => ({ User: describeUser(existingUser(call)) }),
};

const deleteUser: IamOperation = {
  parameters: ['UserName'],
  resource: askedUserArn,
  run: (call) => {
    const user = existingUser(call);
    if (call.state.keysOfUser(user).length > 0) throw deleteConflict('access keys');
    if (user.policies.size > 0) throw deleteConflict('policies');
    call.state.deleteUser(user);
    return undefined;
  },
};

export const USER_OPERATIONS = { CreateUser: createUser, GetUser: getUser, DeleteUser: deleteUser } as const;
