import { type OutboundAddresses, OutboundError, type OutboundErrorCode, within } from '#outbound';
import { AlertError } from '../alert-error.js';
import { readWebhookUrl } from './webhook-url.js';

const RESOLVE_MS = 5_000;

const REMEDIES: Readonly<Record<OutboundErrorCode, string>> = {
  url_not_allowed: 'It must be an https URL with a public name, without user and fragment.',
  address_not_allowed: 'Its name has an address that is not public. A receiver on a private network must be allowed by the operator.',
  name_not_found: 'Its name has no address in the public DNS. Check its spelling.',
  too_slow: 'The DNS did not answer in time. Try again.',
};

/** Judges where an administrator wants alerts to go. Each delivery is judged once more. */
export class WebhookTargets {
  constructor(
    private readonly addresses: OutboundAddresses,
    private readonly privateOrigins: ReadonlySet<string>,
  ) {}

  /** Throws AlertError `webhook_url_rejected`. Asks nothing but the DNS. */
  async assertAllowed(text: string): Promise<void> {
    const url = readWebhookUrl(text, this.privateOrigins);
    if (!url) throw rejected('url_not_allowed');
    const signal = AbortSignal.timeout(RESOLVE_MS);
    try {
      await within(signal, this.addresses.of(url, signal));
    } catch (error) {
      if (error instanceof OutboundError) throw rejected(error.code, error);
      throw error;
    }
  }
}

function rejected(code: OutboundErrorCode, cause?: Error): AlertError {
  return new AlertError('webhook_url_rejected', { cause: code, remedy: REMEDIES[code] }, { cause });
}
