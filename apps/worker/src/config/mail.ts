import type { MailSettings } from '#alerts';
import { type Given, SecretProblem } from '#settings';

export const MAIL_PROPERTIES = ['smtpUrl', 'mailFrom'] as const;

/** Where alone a server may do without TLS: what is said to it does not leave this machine. */
const OWN_MACHINE: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);
const ADDRESS = /^[\w.+-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i;

/** How mail is sent; undefined when it is not. Throws SecretProblem: the URL has a password in it. */
export function mailReader(isProduction: boolean): (given: Given) => MailSettings | undefined {
  return ({ smtpUrl, mailFrom }) => {
    if (smtpUrl === undefined && mailFrom === undefined) return undefined;
    if (smtpUrl === undefined || !isSmtpUrl(smtpUrl))
      throw new SecretProblem(
        'KEYHOLD_SMTP_URL must be smtps://user:password@host:port, or smtp://… for a server that changes to TLS (STARTTLS).',
      );
    if (mailFrom === undefined || !ADDRESS.test(mailFrom))
      throw new SecretProblem('KEYHOLD_MAIL_FROM must be the address that mail comes from, such as keyhold@vault.example.com.');
    return Object.freeze({ url: smtpUrl, from: mailFrom, requiresTls: isProduction || !OWN_MACHINE.has(new URL(smtpUrl).hostname) });
  };
}

function isSmtpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname, search, hash, username, password } = new URL(text);
  return (
    /^smtps?:$/.test(protocol) && hostname !== '' && /^\/?$/.test(pathname) && search + hash === '' && isDecodable(username + password)
  );
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false; // a bare % say
  }
}
