import type { RegionFinding } from '#key-strategies';

/** Where a revocation drill is. Each step ends by what is seen, and by nothing that anybody says. */
export const REVOCATION_STEPS = ['waiting_for_disable', 'measuring', 'waiting_for_enable', 'recovering', 'done'] as const;
export type RevocationStep = (typeof REVOCATION_STEPS)[number];

/** What one look at the vault found. Instants are milliseconds of the database's clock. */
export interface Look {
  /** When it began. */
  from: number;
  /** When it was over. */
  at: number;
  /** Whether the canary could be unsealed: by the way that every unseal takes, from open data keys too. */
  unseal: { ok: true } | { ok: false; isRefused: boolean; code: string; cause?: string; region?: string; awsError?: string };
  regions: readonly RegionFinding[];
}

/** Somewhere between two looks: after the one, no later than the other. */
export interface Between {
  after: number;
  by: number;
}

/** What a Region was last seen to say, and since when. */
export interface RegionCourse {
  says: RegionFinding['says'];
  cause?: string;
  /** First seen withdrawn, and first seen usable again. */
  withdrawn?: Between;
  returned?: Between;
  lookedAt: number;
}

export interface CutOff extends Between {
  code: string;
  cause?: string;
  region?: string;
  awsError?: string;
}

/** The course of a drill so far; plain JSON, as it is stored. */
export interface RevocationCourse {
  step: RevocationStep;
  startedAt: number;
  lookedAt: number;
  /** The beginning of the last look at which all was well, and the last at which a Region was seen to be withdrawn. */
  calmAt: number;
  withdrawnAt?: number;
  regions: Readonly<Record<string, RegionCourse>>;
  /** When the first sign of it was seen: a Region that says so, or a refusal. */
  disabled?: Between;
  /** The canary's last success before the cut-off. */
  lastUnsealAt?: number;
  cutOff?: CutOff;
  /** When every Region was seen usable again; never, when none was seen withdrawn. */
  enabled?: Between;
  recovered?: Between;
  /** The longest time without a look: nothing is known of it. */
  blindMs: number;
}

export function courseFrom(at: number): RevocationCourse {
  return { step: 'waiting_for_disable', startedAt: at, lookedAt: at, calmAt: at, regions: {}, blindMs: 0 };
}

/** The course after one more look. */
export function after(course: RevocationCourse, look: Look): RevocationCourse {
  return STEPS[course.step](
    {
      ...course,
      lookedAt: look.at,
      ...(isCalm(look) && { calmAt: look.from }),
      ...(isWithdrawn(look) && { withdrawnAt: look.from }),
      blindMs: Math.max(course.blindMs, look.at - course.lookedAt),
      regions: regionsAfter(course, look),
    },
    look,
    { after: course.lookedAt, by: look.at },
  );
}

type Step = (course: RevocationCourse, look: Look, sinceLastLook: Between) => RevocationCourse;

const STEPS: Record<RevocationStep, Step> = {
  waiting_for_disable(course, look, between) {
    const disabled = { after: course.calmAt, by: look.at };
    if (isRefused(look)) return cutOff({ ...course, disabled }, look, between);
    return isWithdrawn(look) ? served({ ...course, step: 'measuring', disabled }, look) : served(course, look);
  },

  measuring(course, look, between) {
    return isRefused(look) ? cutOff(course, look, between) : served(course, look);
  },

  waiting_for_enable(course, look, between) {
    const { withdrawnAt } = course;
    const isReturned = withdrawnAt !== undefined && look.regions.every(({ says }) => says === 'usable');
    const seen = isReturned ? { ...course, step: 'recovering' as const, enabled: { after: withdrawnAt, by: look.at } } : course;
    return look.unseal.ok ? recovered(seen, between) : seen;
  },

  recovering(course, look, between) {
    if (look.unseal.ok) return recovered(course, between);
    if (!isWithdrawn(look)) return course;
    const changedTheirMind: RevocationCourse = { ...course, step: 'waiting_for_enable' };
    delete changedTheirMind.enabled;
    return changedTheirMind;
  },

  done: (course) => course,
};

const isWithdrawn = ({ regions }: Look): boolean => regions.some(({ says }) => says === 'refused');
const isCalm = ({ regions, unseal }: Look): boolean => unseal.ok && regions.every(({ says }) => says === 'usable');
const isRefused = ({ unseal }: Look): boolean => !unseal.ok && unseal.isRefused;

function served(course: RevocationCourse, { unseal, at }: Look): RevocationCourse {
  return unseal.ok ? { ...course, lastUnsealAt: at } : course;
}

function cutOff(course: RevocationCourse, { unseal }: Look, between: Between): RevocationCourse {
  if (unseal.ok) return course;
  const { code, cause, region, awsError } = unseal;
  const facts = { code, ...(cause && { cause }), ...(region && { region }), ...(awsError && { awsError }) };
  return { ...course, step: 'waiting_for_enable', cutOff: { ...between, ...facts } };
}

function recovered(course: RevocationCourse, between: Between): RevocationCourse {
  return { ...course, step: 'done', recovered: between };
}

function regionsAfter({ regions, lookedAt }: RevocationCourse, look: Look): RevocationCourse['regions'] {
  return Object.fromEntries(
    look.regions.map((finding) => [finding.region, regionAfter(regions[finding.region], lookedAt, finding, look.at)]),
  );
}

/** A silent Region keeps what it said last. */
function regionAfter(before: RegionCourse | undefined, lookedAt: number, { says, cause }: RegionFinding, at: number): RegionCourse {
  const between = { after: before?.lookedAt ?? lookedAt, by: at };
  const told: RegionCourse = { ...before, says, lookedAt: at };
  if (says === 'silent') return before ?? told;
  delete told.cause;
  if (says === 'refused') return { ...told, ...(cause && { cause }), withdrawn: before?.withdrawn ?? between };
  return before?.withdrawn && !before.returned ? { ...told, returned: between } : told;
}
