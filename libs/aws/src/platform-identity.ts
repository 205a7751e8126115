import type { STSClient } from '@aws-sdk/client-sts';
import { askRegions } from './ask-regions.js';
import { assumeRole } from './assume-role.js';
import { AwsError } from './aws-error.js';
import type { AwsOptions } from './aws-options.js';
import { type AwsTerms, stsRegionsInOrder } from './aws-terms.js';
import { Deadline } from './deadline.js';
import type { RegionalClients } from './regional-clients.js';
import type { AwsRegion } from './regions.js';
import type { RoleSession } from './role-session.js';
import { SessionSlot } from './session-slot.js';

const SESSION_NAME = 'keyhold.platform';
const SESSION_SECONDS = 3600;

/** An STS client that signs as the principal role. */
export interface PrincipalSts {
  client: STSClient;
  accessKeyId?: string;
}

/**
 * The service's own identity in AWS: the principal role that customers' trust policies name. A refusal is `platform` and never
 * `refused`, because it says nothing about a customer. Its own calls are in no tenant's trail.
 */
export class PlatformIdentity {
  readonly #slot: SessionSlot;
  readonly #base = new Map<AwsRegion, STSClient>();

  constructor(
    private readonly options: Pick<AwsOptions, 'principalArn' | 'mode' | 'baseCredentials'>,
    private readonly clients: RegionalClients,
    private readonly terms: AwsTerms,
  ) {
    this.#slot = new SessionSlot(() => this.#assumePrincipal(), terms.clock, terms.limits.refusalMemoryMs);
  }

  async sts(region: AwsRegion): Promise<PrincipalSts> {
    if (this.options.mode === 'ambient') {
      const accessKeyId = this.options.baseCredentials?.accessKeyId;
      return { client: this.#baseClient(region), ...(accessKeyId !== undefined && { accessKeyId }) };
    }
    const session = await this.#session();
    return { client: this.clients.sts(session, region), accessKeyId: session.accessKeyId };
  }

  /** Lets go of credentials that AWS called expired: the next call finds new ones. */
  renew(): void {
    this.#slot.drop();
    this.#base.clear();
  }

  async #session(): Promise<RoleSession> {
    try {
      return await this.#slot.session([]);
    } catch (error) {
      throw error instanceof AwsError && !isSilence(error) ? new AwsError('platform', error.facts) : error;
    }
  }

  #assumePrincipal(): Promise<RoleSession> {
    const deadline = new Deadline(this.terms.clock, this.terms.limits.totalMs);
    const request = { roleArn: this.options.principalArn, sessionName: SESSION_NAME, durationSeconds: SESSION_SECONDS };
    return askRegions(
      {
        regions: stsRegionsInOrder(this.terms),
        deadline,
        attempt: (region) => assumeRole(request, { client: this.#baseClient(region), region, deadline, trail: [] }, this.terms),
        renew: () => this.#base.clear(),
      },
      this.terms,
    );
  }

  #baseClient(region: AwsRegion): STSClient {
    const client = this.#base.get(region) ?? this.clients.baseSts(region, this.options.baseCredentials);
    this.#base.set(region, client);
    return client;
  }
}

function isSilence({ code }: AwsError): boolean {
  return code === 'could-not-ask' || code === 'throttled' || code === 'passing';
}
