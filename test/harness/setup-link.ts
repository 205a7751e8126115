import { RootKey } from '#envelope';
import { RowMacs, mintSetupLink } from '#access';
import { type Client, aClient } from './client.js';
import { queriesOf } from './principals.js';
import type { Keyhold, Workspace } from './service.js';

export interface SetupLink {
  linkId: string;
  token: string;
  /** Speaks as whoever holds it; paths are below `/v1/aws-setup`. */
  call: Client;
}

/** What an AWS administrator could send back. */
export const VALUES = {
  accountId: '111122223333',
  keyId: 'mrk-1234abcd12ab34cd56ef1234567890ab',
  roleArn: 'arn:aws:iam::111122223333:role/keyhold',
};

/** A link, put into the database as making one would: there may be more than a workspace can make. */
export async function aSetupLink(
  keyhold: Keyhold,
  workspace: Workspace,
  { name = 'AWS team', expiresAt = new Date(Date.now() + 3_600_000) }: { name?: string; expiresAt?: Date } = {},
): Promise<SetupLink> {
  const macs = new RowMacs(RootKey.fromBytes(keyhold.rootKey));
  const order = { workspaceId: workspace.id, name, showsWorkspaceName: false, expiresAt, createdBy: 'a test' };
  const { token, linkId, insert } = mintSetupLink(macs, order);
  await insert(queriesOf(keyhold, workspace.id));
  return { linkId, token, call: aClient(`${keyhold.url}/v1/aws-setup`, token) };
}

/** One that came through a new link. Answers its id. */
export async function aProposal(keyhold: Keyhold, workspace: Workspace): Promise<string> {
  const { status, body, text } = await (await aSetupLink(keyhold, workspace)).call('POST', '/proposals', VALUES);
  if (status !== 201) throw new Error(`proposing a key: ${status} ${text}`);
  return body.id as string;
}
