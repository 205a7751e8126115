import { type QueryOperation } from '../wire/aws-query.js';
import { ACCESS_KEY_OPERATIONS } from './access-key-operations.js';
import { type IamOperation, queryOperation } from './iam-operation.js';
import { INLINE_POLICY_OPERATIONS } from './inline-policy-operations.js';
import { ROLE_OPERATIONS } from './role-operations.js';
import { USER_OPERATIONS } from './user-operations.js';

const OPERATIONS: Readonly<Record<string, IamOperation>> = {
  ...ROLE_OPERATIONS,
  ...INLINE_POLICY_OPERATIONS,
  ...USER_OPERATIONS,
  ...ACCESS_KEY_OPERATIONS,
};

/** IAM's query API, version 2010-05-08, by the name in the parameter Action. */
export const iamOperations: Readonly<Record<string, QueryOperation>> = Object.fromEntries(
  Object.entries(OPERATIONS).map(([name, operation]) => [name, queryOperation(name, operation)]),
);
