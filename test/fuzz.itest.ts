import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { type WrittenDocument, apiDocument } from './fuzz/api-document.js';
import { AnswerFaults, canSucceed } from './fuzz/answer-faults.js';
import { Fuzzer } from './fuzz/fuzzer.js';
import { FuzzWorld } from './fuzz/fuzz-world.js';
import { logged } from './harness/logged.js';
import { type Keyhold, startKeyhold } from './harness/service.js';

jest.setTimeout(1_800_000);

/** Repeats a run: the same requests in the same order. */
const SEED = Number(process.env['SEED'] ?? randomInt(2 ** 31));
const REQUESTS = Number(process.env['FUZZ_REQUESTS'] ?? 20_000);

describe(`requests of all shapes, drawn from the OpenAPI document (SEED=${SEED})`, () => {
  let keyhold: Keyhold;
  let fuzzer: Fuzzer;

  beforeAll(async () => {
    keyhold = await startKeyhold();
    const { body } = await keyhold.operator('GET', '/v1/openapi.json');
    const world = await FuzzWorld.made(keyhold, apiDocument(body as WrittenDocument));
    fuzzer = new Fuzzer(keyhold.url, world, new AnswerFaults(world.document, world.secrets));
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
    const { operations } = fuzzer.world.document;
    expect(operations.filter(({ operationId }) => fuzzer.tally.of(operationId).total === 0)).toEqual([]);
    const neverDone = operations.filter((operation) => canSucceed(operation) && fuzzer.tally.of(operation.operationId).done === 0);
    expect(neverDone.map(({ operationId }) => operationId)).toEqual([]);
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
