import { isoSeconds } from '../clock.js';
import { AwsQueryError } from '../wire/aws-query.js';
import { limitExceeded } from './iam-answers.js';
import { type IamOperation } from './iam-operation.js';
import { requiredText } from './iam-parameters.js';
import { type LongTermKey } from './iam-state.js';
import { askedUserArn, existingUser } from './user-operations.js';

const KEYS_PER_USER = 2;

const describeKey = (userName: string, { credential, createdAt }: LongTermKey) => ({
  UserName: userName,
  AccessKeyId: credential.accessKeyId,
  Status: 'Active',
  CreateDate: isoSeconds(createdAt),
});

const createAccessKey: IamOperation = {
  parameters: ['UserName'],
  resource: askedUserArn,
  run: (call) => {
    const user = existingUser(call);
    if (call.state.keysOfUser(user).length >= KEYS_PER_USER)
      throw limitExceeded(`Cannot exceed quota for AccessKeysPerUser: ${KEYS_PER_USER}`);
    const key = call.state.addUserKey(user, call.now);
    return { AccessKey: { ...describeKey(user.name, key), SecretAccessKey: key.credential.secretAccessKey } };
  },
};

const listAccessKeys: IamOperation = {
  parameters: ['UserName'],
  resource: askedUserArn,
  run: (call) => {
    const user = existingUser(call);
    return { AccessKeyMetadata: call.state.keysOfUser(user).map((key) => describeKey(user.name, key)), IsTruncated: false };
  },
};

const deleteAccessKey: IamOperation = {
  parameters: ['UserName', 'AccessKeyId'],
  resource: askedUserArn,
  run: (call) => {
    const id = requiredText(call.params, 'AccessKeyId', 128);
    const keys = call.state.keysOfUser(existingUser(call));
    if (!keys.some(({ credential }) => credential.accessKeyId === id)) {
      throw new AwsQueryError('NoSuchEntity', 404, `The Access Key with id ${id} cannot be found.`);
    }
    call.state.deleteKey(id);
    return undefined;
  },
};

export const ACCESS_KEY_OPERATIONS = {
  CreateAccessKey: createAccessKey,
  ListAccessKeys: listAccessKeys,
  DeleteAccessKey: deleteAccessKey,
} as const;
