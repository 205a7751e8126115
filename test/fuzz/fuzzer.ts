import fc, { type Arbitrary } from 'fast-check';
import type { AnswerFaults } from './answer-faults.js';
import type { FuzzWorld } from './fuzz-world.js';
import { type MutatedPlan, requestPlans } from './request-plan.js';
import { Tally } from './tally.js';
import { Wire, type WireRequest, asCurl, wireRequest } from './wire.js';

const CONNECTIONS = 16;
const DRAWN_AT_ONCE = 500;
const REPORTED_MAX = 10;
const SHRINKING_MS_MAX = 20_000;

interface Found {
  plan: MutatedPlan;
  /** Where fast-check draws it again. */
  seed: number;
  index: number;
  request: WireRequest;
  faults: string[];
}

/** Sends planned requests over a number of connections and keeps those that were answered wrongly. */
export class Fuzzer {
  readonly tally = new Tally();
  readonly #found: Found[] = [];
  readonly #wire: Wire;
  readonly #plans: Arbitrary<MutatedPlan>;

  constructor(
    url: string,
    readonly world: FuzzWorld,
    private readonly answerFaults: AnswerFaults,
  ) {
    this.#wire = new Wire(url, CONNECTIONS);
    this.#plans = requestPlans(world);
  }

  async run({ seed, requests }: { seed: number; requests: number }): Promise<void> {
    for (let drawn = 0; drawn < requests; drawn += DRAWN_AT_ONCE) {
      const ofThese = seed + drawn / DRAWN_AT_ONCE;
      const plans = fc.sample(this.#plans, { seed: ofThese, numRuns: Math.min(DRAWN_AT_ONCE, requests - drawn) }).entries();
      await Promise.all(Array.from({ length: CONNECTIONS }, () => this.#sendAll(plans, ofThese)));
    }
  }

  async #sendAll(plans: Iterable<[number, MutatedPlan]>, seed: number): Promise<void> {
    for (const [index, plan] of plans) {
      const sent = await this.#send(plan);
      if (sent.faults.length > 0) this.#found.push({ plan, seed, index, ...sent });
    }
  }

  async #send({ plan, mutations }: MutatedPlan): Promise<Pick<Found, 'request' | 'faults'>> {
    const { lookUp, headers, learn } = await this.world.prepare(plan, { mayGoWrong: mutations.length > 0 });
    const request = wireRequest(plan, lookUp, headers);
    const answer = await this.#wire.send(request).catch((error: unknown) => `no answer: ${(error as Error).message}`);
    if (typeof answer === 'string') return { request, faults: [answer] };
    const faults = this.answerFaults.in(request, answer);
    const code = /"code":"(\w+)"/.exec(answer.body.toString('latin1', 0, 400))?.[1];
    this.tally.add(plan.operation, answer.status, { code, isServerError: this.answerFaults.isServerError(request, answer.status) });
    if (faults.length === 0) learn(answer);
    return { request, faults: faults.map((fault) => `${fault} (${answer.status} ${answer.body.toString().slice(0, 500)})`) };
  }

  /** One entry for each kind of fault, with the smallest request that still shows it. */
  async report(): Promise<string[]> {
    const kinds = new Map(this.#found.toReversed().map((found) => [kindOf(found), found]));
    const lines: string[] = [];
    for (const found of [...kinds.values()].slice(0, REPORTED_MAX)) lines.push(await this.#described(found));
    return lines;
  }

  async #described({ plan, seed, index, request, faults }: Found): Promise<string> {
    const sendAgain = fc.asyncProperty(this.#plans, async (candidate) => (await this.#send(candidate)).faults.length === 0);
    const { failed, counterexample } = await fc.check(sendAgain, {
      seed,
      path: String(index),
      numRuns: 1,
      interruptAfterTimeLimit: SHRINKING_MS_MAX,
    });
    const smallest = failed && counterexample ? asCurl((await this.#send(counterexample[0])).request) : 'not answered wrongly again';
    return [fc.stringify(plan), ...faults, `as sent: ${asCurl(request)}`, `smallest: ${smallest}`].join('\n');
  }

  close(): void {
    this.#wire.close();
  }
}

const kindOf = ({ faults }: Found): string => faults[0]?.slice(0, 80) ?? '';
