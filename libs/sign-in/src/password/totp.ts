import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';

/** What every authenticator understands; some understand nothing else. */
const FORM = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
const CODE = /^[0-9]{6}$/;
const SECRET_BYTES = 20;
/** Codes of the step before and the step after count too: clocks differ, and typing takes its time. */
const STEPS_EITHER_SIDE = 1;

export const newTotpSecret = (): Buffer => randomBytes(SECRET_BYTES);

/** What an authenticator is given: the secret to type, and all of it as a QR code's content. */
export interface TotpSetting {
  /** Base32 */
  secret: string;
  uri: string;
}

export function totpSetting(secret: Buffer, whose: { email: string; workspaceName: string }): TotpSetting {
  const totp = totpOf(secret, { issuer: `Keyhold (${whose.workspaceName})`, label: whose.email });
  return { secret: totp.secret.base32, uri: totp.toString() };
}

/** The 30-second step whose code this is, so that it can be spent; undefined when it is none of those that count now. */
export function totpStep(secret: Buffer, code: string, atMs: number): number | undefined {
  if (!CODE.test(code)) return undefined;
  const delta = totpOf(secret).validate({ token: code, timestamp: atMs, window: STEPS_EITHER_SIDE });
  return delta === null ? undefined : Math.floor(atMs / 1_000 / FORM.period) + delta;
}

function totpOf(secret: Buffer, names: { issuer?: string; label?: string } = {}): TOTP {
  return new TOTP({ ...FORM, ...names, secret: Secret.fromHex(secret.toString('hex')) });
}
