import { FAULT_KINDS, type FaultEffect, type FaultKind, type FaultOrder, SERVICES } from '../faults.js';
import { isRegion } from '../regions.js';
import { choiceField, ControlRefusal, flagField, integerField, objectField, readFields, textField } from './control-request.js';

const NAME = /^[A-Za-z0-9._-]{1,128}$/;
const LATENCY_MS_MAX = 600_000;
const FILL_BYTES_MAX = 100 * 1024 * 1024;

const FAULT_FIELDS = {
  region: textField(NAME),
  service: choiceField(SERVICES),
  operation: textField(NAME),
  accountId: textField(/^\d{12}$/),
  keyId: textField(/^(?:mrk-[0-9a-f]{32}|[0-9a-f-]{36})$/),
  times: integerField(1, 1_000_000),
  when: choiceField(['before', 'after']),
  fault: objectField({
    kind: choiceField(FAULT_KINDS),
    ms: integerField(0, LATENCY_MS_MAX),
    status: integerField(200, 599),
    code: textField(NAME),
    message: textField(/^[^\0]{0,1024}$/),
    contentType: textField(/^[ -~]{0,128}$/),
    body: textField(/^[^]{0,65536}$/),
    location: textField(/^[!-~]{1,1024}$/),
    fillBytes: integerField(1, FILL_BYTES_MAX),
    gzip: flagField,
  }),
};

/** @throws ControlRefusal for an order that could not mean what its sender thinks */
export function readFaultOrder(body: unknown): FaultOrder {
  const { fault, ...criteria } = readFields(FAULT_FIELDS, body);
  if (fault?.kind === undefined) throw new ControlRefusal(400, "'fault' with its 'kind' is missing.");
  if (criteria.region !== undefined && !isRegion(criteria.region)) throw new ControlRefusal(400, `'${criteria.region}' is no Region.`);
  return { ...criteria, fault: checkedEffect({ ...fault, kind: fault.kind }) };
}

/** What else than its kind belongs to a fault; a kind that is not here has nothing else. */
const MEMBERS: Partial<Record<FaultKind, { needs: readonly string[]; takes: readonly string[] }>> = {
  latency: { needs: ['ms'], takes: [] },
  error: { needs: ['status', 'code'], takes: ['message'] },
  answer: { needs: ['status'], takes: ['contentType', 'body', 'location', 'fillBytes', 'gzip'] },
};

function checkedEffect(effect: FaultEffect): FaultEffect {
  const { needs, takes } = MEMBERS[effect.kind] ?? { needs: [], takes: [] };
  const given = Object.keys(effect).filter((name) => name !== 'kind');
  const missing = needs.find((name) => !given.includes(name));
  if (missing !== undefined) throw new ControlRefusal(400, `${effect.kind} needs '${missing}'.`);
  const strange = given.find((name) => !needs.includes(name) && !takes.includes(name));
  if (strange !== undefined) throw new ControlRefusal(400, `'${strange}' does not belong to ${effect.kind}.`);
  if (effect.kind === 'error' && (effect.status ?? 0) < 400) throw new ControlRefusal(400, 'error needs a status of 400 or more.');
  return effect;
}
