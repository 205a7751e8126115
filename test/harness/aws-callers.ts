import { randomBytes, randomUUID } from 'node:crypto';
import { CreateAccessKeyCommand, CreateRoleCommand, CreateUserCommand, DeleteRoleCommand, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetFederationTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { type BoxRole, GrantRows, RowMacs } from '#access';
import { RootKey } from '#envelope';
import type { RunningSandbox } from './sandbox.js';
import { iamClient } from './sandbox-clients.js';
import type { Keyhold, Workspace } from './service.js';
import type { Signer } from './signed-identity.js';

/** A customer's account whose people and services sign in. */
export interface CallersAccount {
  accountId: string;
  root: Signer;
  /** A new session of the role, which is made when it is not there. */
  session(role: string, sessionName?: string): Promise<Signer>;
  /** With one access key; made when it is not there. */
  user(name: string, path?: string): Promise<Signer>;
  federated(name: string): Promise<Signer>;
  deleteRole(name: string): Promise<void>;
  role(name: string): string;
}

const issued = (credentials: { AccessKeyId?: string; SecretAccessKey?: string; SessionToken?: string } | undefined): Signer => ({
  accessKeyId: credentials?.AccessKeyId ?? '',
  secretAccessKey: credentials?.SecretAccessKey ?? '',
  ...(credentials?.SessionToken !== undefined && { sessionToken: credentials.SessionToken }),
});

const orThere = (made: Promise<unknown>): Promise<unknown> =>
  made.catch((error: unknown) => {
    if ((error as Error).name !== 'EntityAlreadyExistsException') throw error;
  });

export async function aCallersAccount(sandbox: RunningSandbox): Promise<CallersAccount> {
  const { accountId, ...root } = await sandbox.control.createAccount();
  const iam = iamClient(sandbox.url, root);
  const policy = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...statement }] });
  const users = new Map<string, Promise<Signer>>();
  const aUser = async (UserName: string, Path: string | undefined): Promise<Signer> => {
    await iam.send(new CreateUserCommand({ UserName, Path }));
    return issued((await iam.send(new CreateAccessKeyCommand({ UserName }))).AccessKey);
  };
  const user = (name: string, path?: string): Promise<Signer> => {
    const made = users.get(name) ?? aUser(name, path);
    users.set(name, made);
    return made;
  };
  const broker = `broker-${randomBytes(4).toString('hex')}`;
  const brokerKey = await user(broker);
  const actions = ['sts:AssumeRole', 'sts:GetFederationToken'];
  await iam.send(
    new PutUserPolicyCommand({ UserName: broker, PolicyName: 'all', PolicyDocument: policy({ Action: actions, Resource: '*' }) }),
  );
  const sts = new STSClient({ endpoint: sandbox.url, region: 'us-east-2', credentials: brokerKey });
  const trust = policy({ Action: 'sts:AssumeRole', Principal: { AWS: `arn:aws:iam::${accountId}:user/${broker}` } });
  return {
    accountId,
    root,
    user,
    role: (name) => `arn:aws:iam::${accountId}:role/${name}`,
    async session(role, sessionName = `i-${randomBytes(4).toString('hex')}`) {
      await orThere(iam.send(new CreateRoleCommand({ RoleName: role, AssumeRolePolicyDocument: trust })));
      const order = { RoleArn: `arn:aws:iam::${accountId}:role/${role}`, RoleSessionName: sessionName };
      return issued((await sts.send(new AssumeRoleCommand(order))).Credentials);
    },
    federated: async (Name) => issued((await sts.send(new GetFederationTokenCommand({ Name }))).Credentials),
    async deleteRole(RoleName) {
      await iam.send(new DeleteRoleCommand({ RoleName }));
    },
  };
}

/** Puts a grant to an AWS identity into a box as the service writes it, also one that the API would not take. */
export async function grantToArn(
  { database, rootKey }: Keyhold,
  { id, defaultBoxId }: Workspace,
  arn: string,
  { boxId = defaultBoxId, role = 'read', pinned }: { boxId?: string; role?: BoxRole; pinned?: string } = {},
): Promise<string> {
  const grantId = randomUUID();
  const query = ({ text }: { text: string }, values: readonly unknown[] = []) => database.asAdmin(text, [id, ...values]);
  await new GrantRows(new RowMacs(RootKey.fromBytes(rootKey))).insert({ query } as never, id, {
    box_id: boxId,
    grant_id: grantId,
    member_id: null,
    group_id: null,
    iam_arn: arn,
    pinned_unique_id: pinned ?? null,
    role,
    is_owner_group: false,
  });
  return grantId;
}
