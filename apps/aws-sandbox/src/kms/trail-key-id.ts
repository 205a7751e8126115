import { type KmsAnswer, type KmsCall } from './kms-call.js';

/** Operations that answer nothing still tell the trail which key they changed. */
export const trailKeyId = (_answer: KmsAnswer, { resolved: [key] }: KmsCall): Readonly<Record<string, unknown>> | null =>
  key ? { keyId: key.arn } : null;
