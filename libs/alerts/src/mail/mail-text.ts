import type { AlertType, AuditEventView } from '#audit';

/** Where it happened, as people call it. */
export interface MailPlace {
  workspace: string;
  vault: string | null;
}

interface MailText {
  subject: string;
  text: string;
}

/** Three answers to three questions, and nothing that leads anywhere: a mail with links is one to be wary of. */
interface Told {
  what: string;
  meaning: string;
  todo: string;
}

type Details = AuditEventView['details'];

/** The mail that tells people of `event`: plain text. */
export function mailOf(event: AuditEventView, place: MailPlace): MailText {
  const { what, meaning, todo } = tellingOf(event.type)(event.details, vaultOf(place));
  const facts = factsOf(event, place).map(([name, value]) => `${name}: ${value}`);
  const text = ['What happened', what, '', 'What it means', meaning, '', 'What to do', todo, '', ...facts, ''].join('\n');
  return { subject: `[Keyhold] ${what}`.slice(0, 200), text };
}

const tellingOf = (type: string): ((details: Details, vault: string) => Told) =>
  Object.hasOwn(TELLING, type) ? TELLING[type as AlertType] : unknownEvent;

const TELLING: Readonly<Record<AlertType, (details: Details, vault: string) => Told>> = {
  'vault.key.health_changed': healthChanged,
  'vault.key.pending_deletion_detected': pendingDeletion,
  'vault.external_id_check_failed': (_details, vault) => ({
    what: `The role of ${vault} lets in others than Keyhold.`,
    meaning: 'A request without your external ID, or with another one, was let in. Somebody else who uses Keyhold could reach your key.',
    todo: "Restore the condition sts:ExternalId in the role's trust policy, exactly as Keyhold's set-up page shows it. Then check the vault.",
  }),
  'job.completed': (details) => ({
    what: `A job has ended: ${jobOf(details)}.`,
    meaning: countsOf(details),
    todo: failedIn(details) > 0 ? 'Look at the result of the job: it names what was left where it was, and why.' : 'Nothing.',
  }),
  'job.failed': (details) => ({
    what: `A job could not be done: ${jobOf(details)}.`,
    meaning: `${countsOf(details)} What was not done is as it was before, and readable by the key that holds it.`,
    todo: `The cause is ${textOf(details['cause'])}. Remove it and start the job again; what is done already is not done twice.`,
  }),
  'drill.completed': (details, vault) => ({
    what: `A drill of ${vault} has ended.`,
    meaning: `Its report is kept with the vault. Kind of drill: ${textOf(details['kind'])}.`,
    todo: 'Read the report, and keep it for your auditors.',
  }),
  'webhook.disabled': (details) => ({
    what: `The webhook ${textOf(details['name'])} gets no more alerts.`,
    meaning:
      details['cause'] === 'gone'
        ? 'Its receiver answered that it is gone for good.'
        : 'For three days nothing has arrived at its receiver. What was not delivered is in its list of deliveries.',
    todo: 'Put the receiver right, enable the webhook again, and have the deliveries replayed that matter.',
  }),
};

/** What each health of a key means, and what to do about it. */
const HEALTHS: Readonly<Record<string, Omit<Told, 'what'>>> = {
  healthy: { meaning: 'The key can be used in both Regions. The vault serves again.', todo: 'Nothing.' },
  degraded: {
    meaning: 'The key can be used, but not as it should be: one Region alone serves, or the key is not where it was.',
    todo: 'Check the vault: the report names each Region and what is wrong there.',
  },
  unreachable: {
    meaning: 'AWS could not be asked. That says nothing about your will: what is open may be used until its time is over.',
    todo: 'If AWS reports no outage, check the vault.',
  },
  refused: {
    meaning: 'AWS said no to Keyhold in your name. Nothing in the vault can be sealed or unsealed until it says yes again.',
    todo: 'If you meant it, nothing. Otherwise check the vault: the report names what was refused, and the remedy.',
  },
  pending_deletion: {
    meaning: 'The key is going to be deleted. Nothing in the vault can be read meanwhile, and nothing ever again afterwards.',
    todo: 'Cancel the deletion in AWS KMS, then enable the key again: a cancelled deletion leaves it disabled.',
  },
};

function healthChanged(details: Details, vault: string): Told {
  const after = textOf(details['after']);
  const because = typeof details['cause'] === 'string' ? ` (${details['cause']})` : '';
  const told = HEALTHS[after] ?? { meaning: 'The key is in a state that this text does not know.', todo: 'Check the vault.' };
  return { what: `The key of ${vault} is ${after.replace('_', ' ')}${because}.`, ...told };
}

function pendingDeletion(details: Details, vault: string): Told {
  const { deletionDate, daysLeft } = details;
  const when = typeof deletionDate === 'string' ? ` on ${deletionDate}` : '';
  const left = typeof daysLeft === 'number' ? `: ${daysLeft} ${daysLeft === 1 ? 'day' : 'days'} left` : '';
  return {
    what: `The key of ${vault} is going to be deleted${left}.`,
    meaning: `AWS deletes it${when}. After that nobody can read what is in the vault, and nobody can restore it: neither Keyhold nor AWS.`,
    todo: 'Cancel the deletion in AWS KMS (CancelKeyDeletion), enable the key again (EnableKey), and only then move the vault to another key if you want to be rid of this one. This mail comes every day until then.',
  };
}

const unknownEvent = (): Told => ({
  what: 'Something happened in your workspace.',
  meaning: 'This version has no words for it.',
  todo: 'Look at the activity log.',
});

function factsOf(event: AuditEventView, { workspace, vault }: MailPlace): [string, string][] {
  const { details, at, type, id, region, kmsRequestId } = event;
  const facts: [string, unknown][] = [
    ['Workspace', quoted(workspace)],
    ['Vault', vault === null ? undefined : quoted(vault)],
    ['Event', `${type} ${id}`],
    ['At', at],
    ['Cause', details['cause']],
    ['Region', region ?? details['region']],
    ['AWS error', details['awsError']],
    ['AWS request', kmsRequestId ?? details['awsRequestId']],
  ];
  return facts.filter((fact): fact is [string, string] => typeof fact[1] === 'string' && fact[1] !== '');
}

const vaultOf = ({ vault }: MailPlace): string => (vault === null ? 'a vault' : `the vault ${quoted(vault)}`);

/** Names are chosen by those who administer a workspace: one line, and no longer than it needs to be told apart. */
const quoted = (name: string): string => `“${name.replace(/\p{Cc}+/gu, ' ').slice(0, 100)}”`;

const jobOf = (details: Details): string => textOf(details['kind']);
const failedIn = ({ failed }: Details): number => (typeof failed === 'number' ? failed : 0);
const countsOf = ({ done, total, failed }: Details): string =>
  `Done: ${numberOf(done)} of ${numberOf(total)}. Left out: ${numberOf(failed)}.`;
const numberOf = (value: unknown): string => (typeof value === 'number' ? String(value) : 'unknown');
const textOf = (value: unknown): string => (typeof value === 'string' ? value.replace(/\p{Cc}+/gu, ' ').slice(0, 100) : 'unknown');
