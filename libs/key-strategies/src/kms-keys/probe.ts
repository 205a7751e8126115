import type { AwsRegion, CustomerKey, CustomerKms, KeyAsk, Trail } from '#aws';
import { askAws, type AwsAnswer } from './ask-aws.js';
import { checkDescription, MODULUS_BYTES } from './check-description.js';
import { checkExternalId } from './check-external-id.js';
import { checkPublicKey, type PublicKeyInRegion } from './check-public-key.js';
import { checkRole } from './check-role.js';
import { checkRoundTrip } from './check-round-trip.js';
import { failedBy, type Finding, restingOn } from './finding.js';

export interface Probe {
  aws: CustomerKms;
  key: CustomerKey;
  /** The public key that registration pinned. */
  pinned: Buffer | undefined;
  /** Whether the role must be shown, this time, to refuse us without the right external ID. */
  provesExternalId: boolean;
  trail: Trail;
}

export interface ProbeResult {
  findings: Finding[];
  /** The public key, when it was found to be good in some Region. */
  publicKey: Buffer | undefined;
  /** Where the key is to be deleted, and when, once AWS has set the date. */
  deletions: readonly Deletion[];
}

export interface Deletion {
  region: AwsRegion;
  date: Date;
}

interface DescribedRegion {
  region: AwsRegion;
  modulusBytes: number;
}

/**
 * The whole way to a key, step by step. A step that needs an earlier one is left out when that one failed; the two Regions do
 * not need each other, so that both tell what is wrong with them.
 */
export async function probe(probe: Probe): Promise<ProbeResult> {
  const { aws, key, trail, provesExternalId } = probe;
  const externalId = provesExternalId ? [await checkExternalId(aws, key, trail)] : [];
  if (externalId.some(isOpenToOthers)) return { findings: externalId, publicKey: undefined, deletions: [] };
  const role = await checkRole(aws, key, trail);
  const before = [...externalId, ...role.findings];
  if (!role.isOpen) return { findings: before, publicKey: undefined, deletions: [] };
  const { findings, ...found } = await probeKey(probe);
  return { findings: [...before, ...findings], ...found };
}

const isOpenToOthers = (finding: Finding): boolean => !finding.ok && finding.cause !== 'external_id_proof_not_possible';

async function probeKey(probe: Probe): Promise<ProbeResult> {
  const { main, replica } = probe.aws.regions;
  const descriptions = await Promise.all([describe(probe, main), describe(probe, replica)]);
  const described = descriptions.flatMap(({ usable }) => usable ?? []);
  const keys = await publicKeys(probe, described);
  const trips = await roundTrips(probe, keys.good);
  return {
    findings: [...descriptions.flatMap(({ findings }) => findings), ...keys.findings, ...trips],
    publicKey: keys.good[0]?.spki,
    deletions: descriptions.flatMap(({ deletion }) => deletion ?? []),
  };
}

interface Described {
  findings: Finding[];
  usable?: DescribedRegion;
  deletion?: Deletion;
}

async function describe(probe: Probe, region: AwsRegion): Promise<Described> {
  const answer = await askAws(probe.trail, (calls) => probe.aws.describeKey(askOf(probe, region, calls)));
  if ('error' in answer) return { findings: [failedBy(answer.error, 'describe_key', region)] };
  const findings = checkDescription(answer.value, region, probe.aws.regions).map((finding) => restingOn(answer.requestId, finding));
  const modulusBytes = MODULUS_BYTES.get(answer.value.spec);
  const isUsable = findings.every((finding) => finding.ok || finding.cause === 'primary_in_wrong_region');
  const { deletionDate: date } = answer.value;
  return {
    findings,
    ...(isUsable && modulusBytes !== undefined && { usable: { region, modulusBytes } }),
    ...(date && { deletion: { region, date } }),
  };
}

interface PublicKeys {
  findings: Finding[];
  good: PublicKeyInRegion[];
}

async function publicKeys(probe: Probe, described: readonly DescribedRegion[]): Promise<PublicKeys> {
  const keys: PublicKeys = { findings: [], good: [] };
  const answers = await Promise.all(
    described.map(({ region }) => askAws(probe.trail, (calls) => probe.aws.publicKey(askOf(probe, region, calls)))),
  );
  for (const [at, where] of described.entries()) {
    const answer = answers[at];
    if (answer) judgePublicKey(probe, where, answer, keys);
  }
  return keys;
}

function judgePublicKey(probe: Probe, where: DescribedRegion, answer: AwsAnswer<Buffer>, { findings, good }: PublicKeys): void {
  if ('error' in answer) {
    findings.push(failedBy(answer.error, 'public_key', where.region));
    return;
  }
  const inRegion = { ...where, spki: answer.value };
  const finding = checkPublicKey(inRegion, probe.pinned, good[0]?.spki);
  findings.push(restingOn(answer.requestId, finding));
  if (finding.ok) good.push(inRegion);
}

/** Each Region's ciphertext goes to the other one; a Region that is alone gets its own back. */
async function roundTrips({ aws, key, trail }: Probe, [first, second]: readonly PublicKeyInRegion[]): Promise<Finding[]> {
  if (!first) return [];
  const { modulusBytes } = first;
  if (!second) return checkRoundTrip(aws, { key, modulusBytes, from: first.region, to: first.region }, trail);
  const there = await checkRoundTrip(aws, { key, modulusBytes, from: first.region, to: second.region }, trail);
  const back = await checkRoundTrip(aws, { key, modulusBytes, from: second.region, to: first.region }, trail);
  return [...there, ...back];
}

function askOf({ key }: Probe, region: AwsRegion, trail: Trail): KeyAsk {
  return { key, trail, purpose: 'probe', regions: [region] };
}
