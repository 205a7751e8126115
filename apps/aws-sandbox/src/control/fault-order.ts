import { FAULT_KINDS, type FaultEffect, type FaultOrder, SERVICES } from '../faults.js';
import { isRegion } from '../regions.js';
import { choiceField, ControlRefusal, integerField, objectField, readFields, textField } from './control-request.js';

const NAME = /^[A-Za-z0-9._-]{1,128}$/;
const LATENCY_MS_MAX = 600_000;

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
    status: integerField(400, 599),
    code: textField(NAME),
    message: textField(/^[^\0]{0,1024}$/),
  }),
};

/** @throws ControlRefusal for an order that could not mean what its sender thinks */
export function readFaultOrder(body: unknown): FaultOrder {
  const { fault, ...criteria } = readFields(FAULT_FIELDS, body);
  if (fault?.kind === undefined) throw new ControlRefusal(400, "'fault' with its 'kind' is missing.");
  if (criteria.region !== undefined && !isRegion(criteria.region)) throw new ControlRefusal(400, `'${criteria.region}' is no Region.`);
  return { ...criteria, fault: checkedEffect({ ...fault, kind: fault.kind }) };
}

function checkedEffect(effect: FaultEffect): FaultEffect {
  if ((effect.kind === 'latency') !== (effect.ms !== undefined))
    throw new ControlRefusal(400, "'ms' belongs to latency, and latency needs it.");
  const named = effect.status !== undefined || effect.code !== undefined || effect.message !== undefined;
  if (effect.kind !== 'error' && named) throw new ControlRefusal(400, "'status', 'code' and 'message' belong to error alone.");
  if (effect.kind === 'error' && (effect.status === undefined || effect.code === undefined)) {
    throw new ControlRefusal(400, "error needs 'status' and 'code'.");
  }
  return effect;
}
