import { ForbiddenException, NotFoundException, PayloadTooLargeException } from '@nestjs/common';
import { describe, expect, test } from '@jest/globals';
import { AccessError } from '#access';
import { DatabaseError } from '#database';
import { EnvelopeError } from '#envelope';
import { KeyStrategyError } from '#key-strategies';
import { VaultError } from '#vaults';
import { WorkspaceError } from '#workspaces';
import { HttpError } from './http-error.js';
import { PROBLEMS } from './problem.js';
import { problemOf } from './problem-of.js';

describe('a problem', () => {
  test('has a type, a title, a status and a code, and nothing of the error besides', () => {
    const { status, body } = problemOf(new WorkspaceError('workspace_not_found'));
    expect(status).toBe(404);
    expect(JSON.parse(JSON.stringify(body))).toEqual({
      type: 'urn:keyhold:problem:workspace_not_found',
      title: 'There is no such workspace',
      status: 404,
      code: 'workspace_not_found',
    });
  });

  test('tells what AWS said, and not which calls were made', () => {
    const facts = {
      cause: 'key_disabled',
      region: 'us-east-2',
      awsError: 'DisabledException',
      awsRequestId: 'r-1',
      remedy: 'Enable the key.',
      calls: [
        { service: 'kms' as const, operation: 'Decrypt', region: 'us-east-2', outcome: 'refused' as const, accessKeyId: 'ASIASECRET' },
      ],
    };
    const { body } = problemOf(new KeyStrategyError('refused', facts, { cause: new Error('s3cret') }));
    expect(body).toMatchObject({
      code: 'vault_key_refused',
      cause: 'key_disabled',
      awsRegion: 'us-east-2',
      awsError: 'DisabledException',
      awsRequestId: 'r-1',
      remedy: 'Enable the key.',
    });
    expect(JSON.stringify(body)).not.toMatch(/ASIASECRET|calls|s3cret/);
  });

  test('does not tell which part found sealed data not intact', () => {
    const byKms = problemOf(
      new KeyStrategyError('not_intact', { cause: 'c', region: 'us-east-2', awsError: 'InvalidCiphertextException' }),
    );
    expect(byKms).toEqual(problemOf(new EnvelopeError('not_intact')));
  });

  test('shows the checks of a rejected key', () => {
    const checks = [{ check: 'describe_key', region: 'us-east-2', ok: false, cause: 'wrong_spec' }];
    expect(problemOf(new VaultError('vault_key_rejected', { checks }))).toMatchObject({ status: 422, body: { checks } });
  });

  test('names fields', () => {
    const errors = [{ field: 'name', message: 'must be text' }];
    expect(problemOf(new HttpError('validation_failed', { errors })).body).toMatchObject({ status: 400, errors });
  });

  test('says when to come back', () => {
    expect(problemOf(new DatabaseError('unavailable'))).toMatchObject({
      status: 503,
      retryAfterSeconds: 2,
      body: { retryAfterSeconds: 2 },
    });
  });

  test.each([
    [new EnvelopeError('not_intact'), 'sealed_data_not_intact'],
    [new KeyStrategyError('not_intact', { cause: 'mac' }), 'sealed_data_not_intact'],
    [new AccessError('unauthenticated'), 'unauthenticated'],
    [new NotFoundException('Cannot GET /s3cret?token=s3cret'), 'not_found'],
    [new PayloadTooLargeException(), 'payload_too_large'],
    [new ForbiddenException('s3cret'), 'forbidden'],
    [Object.assign(new Error('invalid input: "s3cret"'), { code: '22P02', detail: 's3cret', severity: 'ERROR' }), 'internal'],
    [new Error('s3cret'), 'internal'],
    ['s3cret', 'internal'],
    [undefined, 'internal'],
    [{ statusCode: 418, message: 's3cret' }, 'internal'],
  ])('of %p is %s, and quotes nothing', (error, code) => {
    const problem = problemOf(error);
    expect(problem.code).toBe(code);
    expect(JSON.stringify(problem.body)).not.toContain('s3cret');
  });

  test('is one and the same for sealed data, whichever room found that it is not intact', () => {
    const byEnvelope = problemOf(new EnvelopeError('not_intact')).body;
    const byStrategy = problemOf(new KeyStrategyError('not_intact', { cause: 'digest' })).body;
    expect({ ...byStrategy, cause: undefined }).toEqual({ ...byEnvelope, cause: undefined });
  });
});

describe('the table of problems', () => {
  test.each(Object.entries(PROBLEMS))(
    '%s has a status of failure and a sentence without its full stop',
    (_code, { status, title, detail }) => {
      expect(status).toBeGreaterThanOrEqual(400);
      expect(status).toBeLessThan(600);
      expect(title).toMatch(/^[A-Z].*[^.]$/);
      expect(detail ?? 'Said.').toMatch(/[.]$/);
    },
  );
});
