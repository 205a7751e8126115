import type { Row } from '../row.js';

/** Routes that answer everybody alike, and know of no workspace. */
export const PUBLIC: readonly Row[] = [
  'GET /health/live',
  'GET /health/ready',
  'GET /v1/openapi.json',
  'GET /v1/docs',
  'GET /v1/docs/start.js',
  'GET /v1/docs/page.js',
  'GET /v1/docs/page.css',
  'GET /aws-setup',
  'GET /aws-setup/page.mjs',
  'GET /aws-setup/page.css',
].map((route) => ({ route, places: {}, succeeds: { status: 200 } }));
