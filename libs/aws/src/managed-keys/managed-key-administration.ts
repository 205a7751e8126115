import { askRegions } from '../ask-regions.js';
import { assumeRole, type RoleRequest } from '../assume-role.js';
import type { Trail } from '../aws-call.js';
import { AwsError } from '../aws-error.js';
import type { AwsLimits, AwsOptions } from '../aws-options.js';
import { type AwsTerms, awsTerms, stsRegionsInOrder } from '../aws-terms.js';
import type { Clock } from '../clock.js';
import { Deadline } from '../deadline.js';
import { PlatformIdentity } from '../platform-identity.js';
import type { ManagedKeyRoles } from '../policy-documents.js';
import { RegionalClients } from '../regional-clients.js';
import type { RegionPair } from '../regions.js';
import type { RoleSession } from '../role-session.js';
import { KeyAdministrator } from './key-administrator.js';
import type { ManagedKeyName } from './managed-key-tags.js';

export interface ManagedKeyOptions extends AwsOptions {
  /** Both in the account in which the keys are made. */
  readonly roles: ManagedKeyRoles;
  /** Told apart by it: several deployments may keep their keys in one account. */
  readonly deploymentId: string;
}

/** Making a key takes AWS longer than using one, and happens seldom. */
const LIMITS: Partial<AwsLimits> = { attemptMs: 10_000, totalMs: 30_000, socketsMax: 16 };
const SESSION_SECONDS = 900;
const NAME_PART_CHARS = 8;

/** The way to the keys that Keyhold makes in the platform's own account: as the role that makes and ends them and cannot use them. */
export class ManagedKeyAdministration {
  readonly regions: RegionPair;
  readonly roles: ManagedKeyRoles;
  readonly deploymentId: string;
  readonly clock: Clock;
  readonly #terms: AwsTerms;
  readonly #clients: RegionalClients;
  readonly #platform: PlatformIdentity;

  constructor(options: ManagedKeyOptions) {
    this.regions = options.regions;
    this.roles = options.roles;
    this.deploymentId = options.deploymentId;
    this.#terms = awsTerms({ ...options, limits: { ...LIMITS, ...options.limits } });
    this.clock = this.#terms.clock;
    this.#clients = new RegionalClients(options.endpoint, this.#terms.limits);
    this.#platform = new PlatformIdentity(options, this.#clients, this.#terms);
  }

  /** For one vault key; each act opens a session of its own. Rejects with AwsError. */
  async open(name: ManagedKeyName, trail: Trail): Promise<KeyAdministrator> {
    const session = await this.#session(name, trail);
    const parts = { session, name, trail, clients: this.#clients, terms: this.#terms };
    return new KeyAdministrator(parts, this.roles, this.deploymentId);
  }

  /** Closes idle connections, for a process that ends. */
  close(): void {
    this.#clients.close();
  }

  /** The roles are the operator's: that they do not let us in says nothing about a customer. */
  async #session(name: ManagedKeyName, trail: Trail): Promise<RoleSession> {
    try {
      return await this.#assume(name, trail);
    } catch (error) {
      throw error instanceof AwsError && error.code === 'refused' ? new AwsError('platform', error.facts) : error;
    }
  }

  #assume({ workspaceId, vaultId }: ManagedKeyName, trail: Trail): Promise<RoleSession> {
    const deadline = new Deadline(this.#terms.clock, this.#terms.limits.totalMs);
    const parts = [workspaceId, vaultId].map((id) => id.slice(0, NAME_PART_CHARS));
    const request: RoleRequest = {
      roleArn: this.roles.administratorRoleArn,
      sessionName: ['keyhold', ...parts, 'administer'].join('.'),
      durationSeconds: SESSION_SECONDS,
    };
    const attempt = async (region: RegionPair['main']) => {
      const principal = await deadline.within(deadline.remainingMs, () => this.#platform.sts(region));
      return assumeRole(request, { ...principal, region, deadline, trail }, this.#terms);
    };
    const question = { regions: stsRegionsInOrder(this.#terms), deadline, attempt, renew: () => this.#platform.renew() };
    return askRegions(question, this.#terms);
  }
}
