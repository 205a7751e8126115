import { HttpException } from '@nestjs/common';
import { AccessError } from '#access';
import { AlertError } from '#alerts';
import { ApiKeyError } from '#api-keys';
import { BoxError } from '#boxes';
import { DatabaseError } from '#database';
import { DrillError } from '#drills';
import { EnvelopeError } from '#envelope';
import { KeyStrategyError } from '#key-strategies';
import { ItemError } from '#items';
import { JobError } from '#jobs';
import { LimitError } from '#limits';
import { MemberError } from '#members';
import { OnboardingError } from '#onboarding';
import { IdentityProviderError, OidcCallError, SignInError } from '#sign-in';
import { VaultError } from '#vaults';
import { WorkspaceError } from '#workspaces';
import { HttpError } from './http-error.js';
import { ENVELOPE_PROBLEM_CODES, KEY_PROBLEM_CODES } from './key-problem-codes.js';
import { PROBLEMS, type ProblemCode } from './problem.js';

/** What an answer tells besides the fixed members. Whatever else an error knows, such as the calls that were made, stays here. */
const PUBLIC_FACTS = [
  'errors',
  'checks',
  'cause',
  'remedy',
  'awsError',
  'awsRegion',
  'awsRequestId',
  'retryAfterSeconds',
  'limit',
] as const;

export interface ProblemAnswer {
  code: ProblemCode;
  status: number;
  retryAfterSeconds: number | undefined;
  /** Members of the body, without the request id. */
  body: Readonly<Record<string, unknown>>;
}

/** The answer to give for anything that was thrown. What nobody named is `internal`, and says nothing more. */
export function problemOf(error: unknown): ProblemAnswer {
  const { code, facts } = named(error);
  const { status, title, detail, ...text } = PROBLEMS[code];
  const told = publicFacts({ ...text, ...facts });
  return {
    code,
    status,
    retryAfterSeconds: seconds(told['retryAfterSeconds']),
    body: { type: `urn:keyhold:problem:${code}`, title, status, detail, code, ...told },
  };
}

/** Rooms whose codes are the public ones. */
const SPEAKS_PUBLICLY = [
  HttpError,
  AccessError,
  DatabaseError,
  WorkspaceError,
  MemberError,
  ApiKeyError,
  OnboardingError,
  VaultError,
  DrillError,
  BoxError,
  ItemError,
  JobError,
  AlertError,
  LimitError,
  IdentityProviderError,
  SignInError,
] as const;

interface Named {
  code: ProblemCode;
  facts?: Readonly<Record<string, unknown>>;
}

function named(error: unknown): Named {
  // Which part found it out would be a hint, and is told to nobody.
  if (error instanceof KeyStrategyError && error.code === 'not_intact') return { code: KEY_PROBLEM_CODES.not_intact };
  if (error instanceof KeyStrategyError) {
    const { region, ...facts } = error.facts;
    return { code: KEY_PROBLEM_CODES[error.code], facts: { ...facts, awsRegion: region } };
  }
  if (error instanceof EnvelopeError) return { code: ENVELOPE_PROBLEM_CODES[error.code] };
  if (error instanceof OidcCallError) return { code: 'identity_provider_unavailable' };
  if (SPEAKS_PUBLICLY.some((room) => error instanceof room)) return error as Named;
  return { code: codeOfStatus(statusOf(error)) };
}

/** Nest and Fastify name their refusals by status, and Fastify also the end of a body that broke off. */
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
}

const CODE_OF_STATUS: Readonly<Record<number, ProblemCode>> = {
  400: 'bad_request',
  403: 'forbidden',
  404: 'not_found',
  408: 'request_timeout',
  413: 'payload_too_large',
  414: 'uri_too_long',
  415: 'unsupported_media_type',
  431: 'headers_too_large',
  503: 'shutting_down',
};

const codeOfStatus = (status: number): ProblemCode => CODE_OF_STATUS[status] ?? (status < 500 ? 'bad_request' : 'internal');

function publicFacts(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(PUBLIC_FACTS.filter((name) => facts[name] !== undefined).map((name) => [name, facts[name]]));
}

const seconds = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
