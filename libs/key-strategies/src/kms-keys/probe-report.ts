import type { Clock, CustomerKey, CustomerKms, Trail } from '#aws';
import type { KeyCheck, KeyHealth, ProbeOptions, ProbeReport, RegionHealth, VaultKey } from '../contract.js';
import { KeyStrategyError } from '../contract.js';
import { type AwsKmsConfig, type AwsKmsTarget, isPinned, parseConfig, pinned } from './aws-kms-config.js';
import { customerKeyOf, remedyFactsOf } from './aws-kms-key.js';
import { maySettle } from './causes.js';
import { type Finding, passed } from './finding.js';
import { regionVerdictOf, verdictOf } from './health.js';
import type { KeyKind } from './key-kind.js';
import { pinnedSpki } from './pinned-key.js';
import { probe, type ProbeResult } from './probe.js';
import type { Asked } from './strategy-error.js';

export interface ProbeSubject {
  aws: CustomerKms;
  clock: Clock;
  key: VaultKey;
  lastKnown: KeyHealth | undefined;
  kind: KeyKind;
}

const FIRST_PAUSE_MS = 1_000;
const PAUSE_MS_MAX = 10_000;

/** Never throws for what it finds, a configuration that is no good included. */
export async function probeReport(
  subject: ProbeSubject,
  { settleSeconds = 0, withoutExternalId = false }: ProbeOptions,
): Promise<ProbeReport> {
  const config = configOf(subject.key);
  if (config instanceof KeyStrategyError) return brokenConfigReport(subject, config);
  const key = customerKeyOf(subject.key, config);
  const calls: Trail = [];
  const { aws, kind } = subject;
  const provesExternalId = kind.provesExternalId && !withoutExternalId;
  const result = await settled(subject.clock, settleSeconds, () =>
    probe({ aws, key, trail: calls, pinned: pinOf(config), provesExternalId }),
  );
  return reportOf(subject, key, config, result, calls);
}

/** Asks again while nothing but refusals stand that an edit made a moment ago would explain. */
async function settled(clock: Clock, settleSeconds: number, ask: () => Promise<ProbeResult>): Promise<ProbeResult> {
  const endsAt = clock.now() + settleSeconds * 1000;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, PAUSE_MS_MAX)) {
    const result = await ask();
    if (!isSettling(result.findings) || clock.now() + pauseMs > endsAt) return result;
    await clock.sleep(pauseMs);
  }
}

function isSettling(findings: readonly Finding[]): boolean {
  const failures = findings.filter((finding) => !finding.ok);
  return failures.length > 0 && failures.every(({ cause }) => maySettle(cause));
}

function reportOf(
  { aws, lastKnown, kind }: ProbeSubject,
  key: CustomerKey,
  config: AwsKmsTarget | AwsKmsConfig,
  result: ProbeResult,
  calls: Trail,
): ProbeReport {
  const { findings, publicKey } = result;
  const ok = findings.every((finding) => finding.ok);
  const { health, decisive } = verdictOf(findings, aws.regions, lastKnown);
  return {
    ok,
    health,
    ...(decisive && { decisive: keyCheckOf(decisive, { aws, key, kind }) }),
    regions: regionsOf(result, { aws, key, kind }),
    ...externalIdOf(findings),
    checks: [passed('configuration'), ...findings].map((finding) => keyCheckOf(finding, { aws, key, kind })),
    calls,
    config: ok && publicKey ? pinned(config, publicKey) : config,
  };
}

function regionsOf({ findings, deletions }: ProbeResult, asked: Asked): RegionHealth[] {
  const { main, replica } = asked.aws.regions;
  return [main, replica].map((region) => {
    const { health, decisive } = regionVerdictOf(findings, region);
    const deletionDate = deletions.find((deletion) => deletion.region === region)?.date;
    return {
      region,
      ...(health && { health }),
      ...(decisive && { decisive: keyCheckOf(decisive, asked) }),
      ...(deletionDate && { deletionDate }),
    };
  });
}

function externalIdOf(findings: readonly Finding[]): Pick<ProbeReport, 'externalId'> {
  const tried = findings.find(({ check }) => check === 'external_id');
  if (!tried) return {};
  if (tried.ok) return { externalId: 'enforced' };
  return { externalId: tried.cause === 'external_id_proof_not_possible' ? 'not_known' : 'not_enforced' };
}

function keyCheckOf(finding: Finding, { aws, key, kind }: Asked): KeyCheck {
  const { cause } = finding;
  if (cause === undefined) return finding;
  const operation = finding.ok ? undefined : finding.operation;
  const { check, ok, region, awsRequestId } = finding;
  return {
    check,
    ok,
    cause,
    remedy: kind.remedyFor(cause, remedyFactsOf(aws, key, region, operation)),
    ...(region && { region }),
    ...(!finding.ok && finding.awsError && { awsError: finding.awsError }),
    ...(awsRequestId && { awsRequestId }),
  };
}

function configOf({ config }: VaultKey): AwsKmsTarget | AwsKmsConfig | KeyStrategyError {
  try {
    return parseConfig(config);
  } catch (error) {
    if (error instanceof KeyStrategyError) return error;
    throw error;
  }
}

function brokenConfigReport({ key, lastKnown }: ProbeSubject, { facts }: KeyStrategyError): ProbeReport {
  const { cause, remedy } = facts;
  const check = { check: 'configuration', ok: false, cause, ...(remedy && { remedy }) };
  return { ok: false, health: lastKnown ?? 'unreachable', checks: [check], calls: [], config: key.config };
}

function pinOf(config: AwsKmsTarget | AwsKmsConfig): Buffer | undefined {
  return isPinned(config) ? pinnedSpki(config) : undefined;
}
