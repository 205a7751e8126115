import nodemailer, { type Transporter } from 'nodemailer';
import { within } from '#outbound';

export interface MailSettings {
  /** `smtps://user:password@host:port`, or `smtp://…`, which changes to TLS before anything is said. */
  url: string;
  /** Whose mail it is. */
  from: string;
  /** Whether a server that offers no TLS is left alone. Everywhere but on this machine. */
  requiresTls: boolean;
}

export interface Mail {
  to: string;
  subject: string;
  text: string;
  /** Of this mail over all attempts; a part of its Message-ID. */
  id: string;
}

/** What the server said, when it said anything. */
export interface MailFailure {
  failure: 'mail_refused' | 'mail_not_sent' | 'too_slow';
  status?: number;
}

const SEND_MS = 20_000;
const CONNECT_MS = 5_000;
const PORTS = { 'smtp:': 587, 'smtps:': 465 } as const;

/** Sends plain text to one address at a time. */
export class Mailer {
  readonly #transport: Transporter;
  readonly #domain: string;

  constructor(
    private readonly settings: MailSettings,
    private readonly sendMs = SEND_MS,
  ) {
    this.#transport = nodemailer.createTransport(optionsOf(settings));
    this.#domain = settings.from.slice(settings.from.indexOf('@') + 1).replace(/>$/, '');
  }

  /** Never rejects; undefined when the server has taken it. */
  async send({ to, subject, text, id }: Mail): Promise<MailFailure | undefined> {
    const signal = AbortSignal.timeout(this.sendMs);
    try {
      await within(
        signal,
        this.#transport.sendMail({
          from: this.settings.from,
          to: { name: '', address: to },
          subject,
          text,
          messageId: `<${id}@${this.#domain}>`,
          headers: { 'Auto-Submitted': 'auto-generated' },
          disableFileAccess: true,
          disableUrlAccess: true,
        }),
      );
      return undefined;
    } catch (error) {
      return signal.aborted ? { failure: 'too_slow' } : failureOf(error);
    }
  }
}

function optionsOf({ url, requiresTls }: MailSettings) {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  return {
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? PORTS[secure ? 'smtps:' : 'smtp:'] : Number(port),
    secure,
    requireTLS: requiresTls,
    ...(username !== '' && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: CONNECT_MS,
    dnsTimeout: CONNECT_MS,
    tls: { minVersion: 'TLSv1.2' as const },
  };
}

/** What the server says about an address or a mail, and not about us: there a 5xx means that another attempt cannot help. */
const ABOUT_THE_MAIL: ReadonlySet<unknown> = new Set(['EENVELOPE', 'EMESSAGE']);

function failureOf(error: unknown): MailFailure {
  const { code, responseCode: status } = (error instanceof Error ? error : {}) as { code?: unknown; responseCode?: unknown };
  if (typeof status !== 'number') return { failure: 'mail_not_sent' };
  return { failure: status >= 500 && ABOUT_THE_MAIL.has(code) ? 'mail_refused' : 'mail_not_sent', status };
}
