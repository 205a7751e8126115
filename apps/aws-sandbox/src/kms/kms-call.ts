import { type SandboxClock } from '../clock.js';
import { type Caller } from '../iam/caller.js';
import { type IamState } from '../iam/iam-state.js';
import { type RequestFacts } from '../wire/request-facts.js';
import { type Read, readShape, type Shape } from '../wire/shape.js';
import { type Key } from './key.js';
import { type KeyPool } from './key-pool.js';
import { type KeyStore } from './key-store.js';
import { type RsaOaep } from './rsa-oaep.js';

/** What KMS stands on. */
export interface KmsWorld {
  iam: IamState;
  keys: KeyStore;
  pool: KeyPool;
  rsa: RsaOaep;
  clock: SandboxClock;
}

/** One authenticated KMS request. */
export interface KmsCall extends RequestFacts {
  world: KmsWorld;
  caller: Caller;
  operation: string;
  /** Keys the request turned out to speak of, for the trail and the ledger; the first is the main one. */
  resolved: Key[];
}

export type KmsAnswer = Readonly<Record<string, unknown>>;

interface Definition<S extends Shape> {
  shape: S;
  readOnly: boolean;
  /** What CloudTrail shows of the request: never a plaintext or ciphertext. */
  trailRequest(input: Read<S>): Readonly<Record<string, unknown>> | null;
  /** What CloudTrail shows of the answer; nothing unless given. */
  trailResponse?(answer: KmsAnswer, call: KmsCall): Readonly<Record<string, unknown>> | null;
  run(call: KmsCall, input: Read<S>): KmsAnswer | Promise<KmsAnswer>;
}

/** A request read by its operation's shape, ready to run. */
export interface PreparedCall {
  trailRequest: Readonly<Record<string, unknown>> | null;
  run(call: KmsCall): Promise<KmsAnswer>;
}

export interface KmsOperation {
  readOnly: boolean;
  /** @throws AwsJsonError SerializationException or ValidationException */
  prepare(body: Readonly<Record<string, unknown>>): PreparedCall;
  trailResponse(answer: KmsAnswer, call: KmsCall): Readonly<Record<string, unknown>> | null;
}

/** Hides the type of the input, so that operations of different shapes fit one table. */
export const kmsOperation = <S extends Shape>(definition: Definition<S>): KmsOperation => ({
  readOnly: definition.readOnly,
  prepare(body) {
    const input = readShape(definition.shape, body);
    return { trailRequest: definition.trailRequest(input), run: async (call) => definition.run(call, input) };
  },
  trailResponse: (answer, call) => definition.trailResponse?.(answer, call) ?? null,
});
