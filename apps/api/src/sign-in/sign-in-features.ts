import type { Provider } from '@nestjs/common';
import { MemberRows, RowMacs } from '#access';
import { Database } from '#database';
import { RootKey } from '#envelope';
import { SignInLimiter } from '#limits';
import {
  ChangeAuthenticator,
  ChangePassword,
  ConfirmIdentity,
  EndSession,
  IdentityProof,
  Invitations,
  PasswordHashes,
  RecoveryCodes,
  RenewRecoveryCodes,
  ShownAgain,
  SignInWithPassword,
  TotpSecrets,
} from '#sign-in';
import { madeOf } from '../made-of.js';

/** How people come in, stay, and show again who they are. */
export function signInFeatures(): Provider[] {
  return [
    { provide: PasswordHashes, inject: [RootKey], useFactory: (rootKey: RootKey) => new PasswordHashes(rootKey) },
    madeOf(TotpSecrets, RootKey),
    madeOf(RecoveryCodes, RootKey),
    madeOf(IdentityProof, PasswordHashes, TotpSecrets, RecoveryCodes, MemberRows),
    madeOf(SignInWithPassword, Database, RowMacs, MemberRows, PasswordHashes, IdentityProof, SignInLimiter),
    madeOf(Invitations, Database, RowMacs, MemberRows, PasswordHashes, TotpSecrets, RecoveryCodes, SignInLimiter),
    madeOf(ShownAgain, Database, MemberRows, IdentityProof, SignInLimiter),
    madeOf(ConfirmIdentity, Database, IdentityProof, ShownAgain),
    madeOf(ChangePassword, Database, MemberRows, PasswordHashes, IdentityProof, ShownAgain),
    madeOf(ChangeAuthenticator, Database, MemberRows, TotpSecrets, IdentityProof, ShownAgain),
    madeOf(RenewRecoveryCodes, Database, MemberRows, RecoveryCodes),
    madeOf(EndSession, Database),
  ];
}
