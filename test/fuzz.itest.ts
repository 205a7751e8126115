import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type Operation, type WrittenDocument, apiDocument } from './fuzz/api-document.js';
import { AnswerFaults, canSucceed } from './fuzz/answer-faults.js';
import { DEPLOYMENT } from './fuzz/signatures.js';
import { Fuzzer } from './fuzz/fuzzer.js';
import { FuzzWorld } from './fuzz/fuzz-world.js';
import { PATH_REWRITES } from './fuzz/path-rewrites.js';
import { MALFORMED_BODIES, OTHER_TYPES, type RawRequest, filledPath, wronglyAnswered } from './fuzz/raw-requests.js';
import { logged } from './harness/logged.js';
import { type Keyhold, startKeyhold } from './harness/service.js';

jest.setTimeout(1_800_000);

/** Repeats a run: the same requests in the same order. */
const SEED = Number(process.env['SEED'] ?? randomInt(2 ** 31));
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 20_000);

describe(`requests of all shapes, drawn from the OpenAPI document (SEED=${SEED})`, () => {
  let keyhold: Keyhold;
  let world: FuzzWorld;
  let faults: AnswerFaults;
  let fuzzer: Fuzzer;

  beforeAll(async () => {
    keyhold = await startKeyhold({ env: DEPLOYMENT });
    const { body } = await keyhold.operator('GET', '/v1/openapi.json');
    world = await FuzzWorld.made(keyhold, apiDocument(body as WrittenDocument));
    faults = new AnswerFaults(world.document, world.secrets);
    fuzzer = new Fuzzer(keyhold.url, world, faults);
    await fuzzer.run({ seed: SEED, requests: REQUESTS });
    console.log(`SEED=${SEED}\n${fuzzer.tally.table()}`);
    console.log(`figure: fuzz-requests = ${fuzzer.tally.requests}`);
    console.log(`figure: fuzz-5xx = ${fuzzer.tally.serverErrors}`);
  });
  afterAll(async () => {
    fuzzer.close();
    await keyhold.stop();
  });

  test('are answered as the document says, each of them', async () => {
    expect(await fuzzer.report()).toEqual([]);
    expect(fuzzer.tally.requests).toBeGreaterThanOrEqual(REQUESTS);
    expect(fuzzer.tally.serverErrors).toBe(0);
  });

  test('reach every operation, and those that can succeed do', () => {
    const { operations } = world.document;
    expect(operations.filter(({ operationId }) => fuzzer.tally.of(operationId).total === 0)).toEqual([]);
    const neverDone = operations.filter((operation) => canSucceed(operation) && fuzzer.tally.of(operation.operationId).done === 0);
    expect(neverDone.map(({ operationId }) => operationId)).toEqual([]);
  });

  describe('and over raw sockets', () => {
    const everyOperation = (make: (operation: Operation, path: string) => RawRequest[]): RawRequest[] =>
      world.document.operations.flatMap((operation) => make(operation, filledPath(operation, world.workspaceId)));
    const writtenAs = (credential = 'none'): string[] => world.headersOf(credential).map(([name, value]) => `${name}: ${value}`);
    /** A person's session is made for each request; the Owner's is as good for one that does not arrive. */
    const knownAs = (operation: Operation): string | undefined => world.credentialsFor(operation)[0]?.replace('person', 'owner');
    /** Whether who was the Owner still is, after all this, nobody knows: others do not get as far as their body. */
    const isRefusedWith = (expected: number) => (status: number, request: RawRequest) =>
      status === expected || (status === 403 && request.target.endsWith('/owner'));
    const spellings = (credential: string): RawRequest[] =>
      everyOperation(({ method, isPublic }, path) =>
        PATH_REWRITES.filter(() => !isPublic).map(({ name, rewrite }) => ({
          what: `${name}, ${credential}`,
          method,
          target: rewrite(path),
          headers: writtenAs(credential),
        })),
      );

    test.each(['none', 'foreign key', 'foreign owner'])(
      'no spelling of a path lets anybody in with the credential %j',
      async (credential) => {
        const corpus = spellings(credential);
        expect(corpus.length).toBeGreaterThan(500);
        expect(await wronglyAnswered(keyhold.url, corpus, faults, (status) => status >= 400)).toEqual([]);
      },
    );

    test('no route takes a malformed body', async () => {
      const corpus = everyOperation((operation, target) =>
        MALFORMED_BODIES.filter(() => operation.body !== undefined).map(([what, text]) => ({
          what,
          method: operation.method,
          target,
          headers: ['Content-Type: application/json', ...writtenAs(knownAs(operation))],
          body: text,
        })),
      );
      expect(corpus.length).toBeGreaterThan(100);
      expect(await wronglyAnswered(keyhold.url, corpus, faults, isRefusedWith(400))).toEqual([]);
    });

    test('no route takes a body of another type', async () => {
      const corpus = everyOperation((operation, target) =>
        OTHER_TYPES.filter(() => operation.body !== undefined).map((type) => ({
          what: type,
          method: operation.method,
          target,
          headers: [`Content-Type: ${type}`, ...writtenAs(knownAs(operation))],
          body: '{}',
        })),
      );
      expect(await wronglyAnswered(keyhold.url, corpus, faults, isRefusedWith(415))).toEqual([]);
    });
  });

  test('leave the process running, and no error in its log', async () => {
    expect(keyhold.process.exitCode).toBeNull();
    const ready = await keyhold.operator('GET', '/health/ready');
    expect(ready).toMatchObject({ status: 200 });
    await logged(keyhold, ready.headers.get('x-request-id') ?? '');
    const errors = keyhold.log().matchAll(/^.*(?:"level":"(?:error|fatal)"|"code":"internal").*$/gm);
    expect([...errors].map(([line]) => line)).toEqual([]);
  });
});
