import type { RequestContext } from '#access';
import type { Queries } from '#audit';
import type { Database } from '#database';
import type { KeyHealth, KeyStrategyCatalog, ProbeReport, VaultKey } from '#key-strategies';
import {
  type FinishedProbe,
  type Judgement,
  type KnownHealth,
  type StoredProbe,
  type VaultKeyId,
  type VaultKeys,
  findKnownHealth,
  findProbe,
  findVaultKeyState,
  judge,
  noteUnchanged,
  recordReport,
} from '#vaults';
import { nextExternalIdSeconds, nextProbeSeconds } from './schedule.js';

interface Subject {
  vaultKey: VaultKey;
  known: KnownHealth;
  probe: StoredProbe;
}

/** Somebody else has the probe by now, or the owner's word came in between: nothing of it is written. */
class Overtaken extends Error {}

/** Soon enough for what came in between, and no storm. */
const AGAIN_SECONDS = 2;

/**
 * Asks a vault key how it is, and puts what is new on record: the health that every node reads before it seals or unseals, the
 * Regions, the history, and the events, in one commit. When nothing is new only the time is noted.
 */
export class ProbeVault {
  constructor(
    private readonly database: Database,
    private readonly strategies: KeyStrategyCatalog,
    private readonly vaultKeys: VaultKeys,
    private readonly random: () => number = Math.random,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** `fence` of the claim under which this runs. Answers the health on record afterwards; undefined when there is nothing to ask. */
  async run(ctx: RequestContext, key: VaultKeyId, fence: string): Promise<KeyHealth | undefined> {
    const subject = await this.database.read(ctx, (tx) => this.#subject(tx, ctx, key));
    if (!subject) return undefined;
    const { vaultKey, known } = subject;
    const report = await this.strategies
      .get(vaultKey.strategy)
      .open(vaultKey, known.health)
      .probe({ withoutExternalId: !isExternalIdAsked(known) });
    const judgement = judge(key, known, report, this.now());
    const schedule = { fence, ...this.#schedule(subject, judgement) };
    const isNews = judgement.changes.length > 0 || judgement.notices.length > 0;
    if (isNews) return this.#record(ctx, key, subject, report, judgement, schedule);
    const { findings: regions, isExternalIdProven, deletionNotice } = judgement;
    await this.database.note(ctx, ...noteUnchanged({ key, ...schedule, isExternalIdProven, deletionNotice, regions }));
    return known.health;
  }

  async #subject(tx: Queries, { workspaceId }: RequestContext, key: VaultKeyId): Promise<Subject | undefined> {
    const [state, probe] = await Promise.all([findVaultKeyState(tx, key), findProbe(tx, key)]);
    if (!state || !probe) return undefined;
    const [vaultKey, known] = await Promise.all([this.vaultKeys.find(tx, { workspaceId, ...key }), findKnownHealth(tx, key, state)]);
    return { vaultKey, known, probe };
  }

  #schedule({ known, probe }: Subject, { finding, changes, isExternalIdKnown }: Judgement) {
    const hasChangedLately = changes.length > 0 || (finding.health === known.health && probe.has_changed_lately);
    const pace = { health: finding.health, wasUsedLately: probe.was_used_lately, hasChangedLately };
    return {
      nextProbeSeconds: nextProbeSeconds(pace, this.random),
      ...(isExternalIdKnown && { nextExternalIdSeconds: nextExternalIdSeconds(this.random) }),
    };
  }

  async #record(
    ctx: RequestContext,
    key: VaultKeyId,
    { known }: Subject,
    report: ProbeReport,
    judgement: Judgement,
    schedule: Pick<FinishedProbe, 'fence' | 'nextProbeSeconds' | 'nextExternalIdSeconds'>,
  ): Promise<KeyHealth> {
    try {
      return await this.database.act(ctx, async (tx) => {
        const { standing, events, isMine } = await recordReport(tx, key, known, report, judgement, schedule);
        const [first, ...others] = events;
        if (!isMine || !first) throw new Overtaken();
        return { result: standing, event: [first, ...others] };
      });
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
      const again = { key, fence: schedule.fence, nextProbeSeconds: AGAIN_SECONDS, isExternalIdProven: false };
      await this.database.note(ctx, ...noteUnchanged({ ...again, deletionNotice: 'keep', regions: [] }));
      return known.health;
    }
  }
}

/** Once a day; and while it is the reason for a refusal, which nothing else takes back. */
function isExternalIdAsked({ cause, probe }: KnownHealth): boolean {
  return probe?.is_external_id_due === true || cause?.startsWith('external_id_') === true;
}
