import { Counter, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { deliveryEnds } from '#alerts';
import { awsCalls, regionFallbacks } from '#aws';
import { jobEnds } from '#jobs';
import { dataKeyLookups, vaultKeyUses } from '#vaults';

/** One request as it was answered. */
export interface AnsweredRequest {
  method: string;
  /** As declared, never as it was asked for; undefined where there is none. */
  route: string | undefined;
  status: number;
  seconds: number;
}

const SECONDS = [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

/**
 * What this process counts, as Prometheus reads it. Each label has few values, all of them ours: no id, no name and nothing that a
 * request brought with it.
 */
export class Metrics {
  readonly registry = new Registry();

  readonly #requests = this.#histogram('http_request_seconds', 'Requests answered, by route as declared.', ['method', 'route', 'status']);
  readonly #awsCalls = this.#histogram('aws_call_seconds', 'Requests to AWS.', ['service', 'operation', 'region', 'outcome']);
  readonly #fallbacks = this.#counter('region_fallbacks_total', 'Acts on customer keys that another Region answered.', ['from', 'to']);
  readonly #lookups = this.#counter('data_key_lookups_total', 'Looks for a data key: hit when it was open.', ['result']);
  readonly #unwraps = this.#counter('data_key_unwraps_total', 'Data keys opened by a vault key.', ['strategy', 'outcome']);
  readonly #wraps = this.#counter('data_key_wraps_total', 'Data keys made under a vault key.', ['strategy', 'outcome']);
  readonly #refusals = this.#counter('vault_key_refusals_total', 'What owners of vault keys refused.', ['strategy', 'cause']);
  readonly #jobs = this.#counter('jobs_ended_total', 'Background jobs that this process ended.', ['kind', 'state']);
  readonly #deliveries = this.#counter('alert_deliveries_total', 'Attempts to deliver alerts.', ['channel', 'outcome']);

  readonly #silences: readonly (() => void)[];

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    this.#silences = [
      awsCalls.listen(({ call: { service, operation, region, outcome }, seconds }) =>
        this.#awsCalls.observe({ service, operation, region, outcome }, seconds),
      ),
      regionFallbacks.listen((fallback) => this.#fallbacks.inc(fallback)),
      dataKeyLookups.listen(({ isOpen }) => this.#lookups.inc({ result: isOpen ? 'hit' : 'miss' })),
      vaultKeyUses.listen(({ operation, strategy, outcome, cause }) => {
        (operation === 'unwrap' ? this.#unwraps : this.#wraps).inc({ strategy, outcome });
        if (outcome === 'refused' || outcome === 'pending_deletion') this.#refusals.inc({ strategy, cause });
      }),
      deliveryEnds.listen(({ channel, outcome }) => this.#deliveries.inc({ channel, outcome })),
      jobEnds.listen(({ kind, state }) => this.#jobs.inc({ kind, state })),
    ];
  }

  answered({ method, route, status, seconds }: AnsweredRequest): void {
    const whither = route === undefined ? { method: 'any', route: 'none' } : { method, route };
    this.#requests.observe({ ...whither, status: `${Math.floor(status / 100)}xx` }, seconds);
  }

  /** Listens no longer. */
  close(): void {
    for (const silence of this.#silences) silence();
  }

  #counter<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Counter<Label> {
    return new Counter({ name: `keyhold_${name}`, help, labelNames, registers: [this.registry] });
  }

  #histogram<Label extends string>(name: string, help: string, labelNames: readonly Label[]): Histogram<Label> {
    return new Histogram({ name: `keyhold_${name}`, help, labelNames, buckets: SECONDS, registers: [this.registry] });
  }
}
