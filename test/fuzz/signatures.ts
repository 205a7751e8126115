import { aCallersAccount, grantToArn } from '../harness/aws-callers.js';
import type { Keyhold, Workspace } from '../harness/service.js';
import { AUDIENCE_HEADER, type Signer, signIdentity } from '../harness/signed-identity.js';
import type { Headers } from './headers.js';
import type { Thing } from './things.js';

/** What the service that is fuzzed must be started with. */
export const DEPLOYMENT = { KEYHOLD_DEPLOYMENT_ID: 'keyhold.test', KEYHOLD_WORKSPACE_HOST_SUFFIX: 'vault.test' };

const CALLERS = 40;
/** How many signatures of one caller differ: they are of different seconds, and none is too old. */
const SECONDS = 120;

/** Signatures of AWS identities that may sign in. None is ever given twice: the service takes each but once. */
export class Signatures {
  #given = 0;

  private constructor(
    private readonly callers: readonly Signer[],
    private readonly workspaceId: string,
    /** Of roles that sign in and of others. */
    readonly arns: readonly string[],
  ) {}

  static async made(keyhold: Keyhold, workspace: Workspace): Promise<Signatures> {
    const account = await aCallersAccount(keyhold.sandbox);
    await grantToArn(keyhold, workspace, account.role('App'));
    const callers: Signer[] = [];
    for (let nth = 0; nth < CALLERS; nth += 1) callers.push(await account.session('App', `i-${nth}`));
    const arns = ['App', 'Other', 'One', 'Two', 'Three'].map((role) => account.role(role));
    return new Signatures(callers, workspace.id, arns);
  }

  /** By the names that our own sign-in has for its parts. */
  next(): Thing {
    const nth = this.#given++;
    const signer = this.callers[nth % CALLERS];
    if (!signer) throw new Error('nobody is there to sign');
    const at = new Date(Date.now() - (Math.floor(nth / CALLERS) % SECONDS) * 1_000);
    const headers = { [AUDIENCE_HEADER]: `${DEPLOYMENT.KEYHOLD_DEPLOYMENT_ID};${this.workspaceId}` };
    const { securityToken = '', ...signed } = signIdentity(signer, { at, headers });
    return { ...signed, securityToken };
  }

  /** As clients of Cerberus send it. */
  nextHeaders(): Headers {
    const { authorization = '', amzDate = '', securityToken = '' } = this.next();
    return [
      ['authorization', authorization],
      ['x-amz-date', amzDate],
      ['x-amz-security-token', securityToken],
    ];
  }
}
