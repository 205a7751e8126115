import type { Provider } from '@nestjs/common';
import { BoxRights, RowMacs } from '#access';
import { CallerIdentities } from '#aws';
import { Database } from '#database';
import { RootKey } from '#envelope';
import { SignInLimiter } from '#limits';
import { AwsProofs, AwsSignIn, OpenAwsSession } from '#sign-in';
import { WorkspaceHosts } from '../cerberus/sts-identity.controller.js';
import type { Settings } from '../config/read-settings.js';
import { madeOf } from '../made-of.js';

/** What signs AWS identities in, at both doors. */
export function awsSignInParts({ config }: Settings): Provider[] {
  return [
    { provide: CallerIdentities, useFactory: () => new CallerIdentities(config.awsEndpoint ? { endpoint: config.awsEndpoint } : {}) },
    { provide: WorkspaceHosts, useValue: { suffix: config.workspaceHostSuffix } satisfies WorkspaceHosts },
    madeOf(AwsProofs, RootKey),
    madeOf(OpenAwsSession, Database, BoxRights, AwsProofs, RowMacs),
    {
      provide: AwsSignIn,
      inject: [Database, CallerIdentities, AwsProofs, OpenAwsSession, SignInLimiter],
      useFactory: (...parts: [Database, CallerIdentities, AwsProofs, OpenAwsSession, SignInLimiter]) =>
        new AwsSignIn(...parts, config.deploymentId),
    },
  ];
}
