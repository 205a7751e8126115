import { type FailedAnswer, isIntelligible } from './failed-answer.js';
import type { Outcome } from './outcomes.js';

export type OutcomeTable = Readonly<Record<string, Outcome>>;

/** A wrong clock and a wrong secret look alike; the SDK tells them apart by the answer's Date header. */
const SIGNATURE_NAMES = new Set(['InvalidSignatureException', 'SignatureDoesNotMatch', 'RequestExpired', 'RequestTimeTooSkewed']);

/** The outcome of a failed answer by its service's table of exception names. */
export function outcomeOf(answer: FailedAnswer, byName: OutcomeTable): Outcome {
  if (!isIntelligible(answer)) return 'could-not-ask';
  if (SIGNATURE_NAMES.has(answer.name)) return answer.clockCorrected ? 'passing' : 'expired-credentials';
  const named = Object.hasOwn(byName, answer.name) ? byName[answer.name] : undefined;
  return named ?? unnamed(answer);
}

/** A name that is in no table. A fault of the service is a fault under any name; anything else stops us and changes nothing. */
function unnamed(answer: FailedAnswer): Outcome {
  return (answer.status ?? 0) >= 500 ? 'could-not-ask' : 'ours';
}
