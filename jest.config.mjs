import { readFileSync } from 'node:fs';

const swc = JSON.parse(readFileSync(new URL('.swcrc', import.meta.url), 'utf8'));
const base = {
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { ...swc, swcrc: false }] },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
};
/** @type {import('jest').Config} */
export default {
  verbose: false, // otherwise the figures that tests measure do not reach the reporter
  reporters: ['default', '<rootDir>/scripts/plain-reporter.mjs'],
  projects: [
    // Pure code: nothing but Node and the file under test.
    { ...base, displayName: 'unit', testMatch: ['<rootDir>/{apps,libs,scripts}/**/*.spec.ts'] },
    // Real PostgreSQL, the sandbox and the built service, each in processes of their own.
    {
      ...base,
      displayName: 'whole',
      testMatch: ['<rootDir>/{apps,libs,scripts,test}/**/*.itest.ts'],
      globalSetup: '<rootDir>/scripts/jest-global-setup.mjs',
      globalTeardown: '<rootDir>/scripts/jest-global-teardown.mjs',
    },
  ],
};
