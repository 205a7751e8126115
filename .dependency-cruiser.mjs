const libs = (...names) => `^libs/(${names.join('|')})/`;
const SPECS = '\\.(spec|itest)\\.ts$|/testing/';

/** Which lib may import which other libs; a lib that is not listed here may import none. */
const ARROWS = {
  envelope: [],
  telemetry: [],
  outbound: [],
  aws: ['telemetry'],
  'key-strategies': ['envelope', 'aws'],
  // access and audit know of each other by type only: who acted, and what one transaction can ask.
  audit: ['access'],
  access: ['audit', 'envelope'],
  database: ['audit', 'access', 'envelope'],
  limits: ['database', 'envelope'],
  settings: ['aws'],
  metrics: ['alerts', 'vaults', 'jobs', 'aws', 'audit'],
  alerts: ['outbound', 'database', 'audit', 'access', 'envelope', 'telemetry'],
  nodes: ['database', 'audit'],
  jobs: ['database', 'audit', 'access', 'telemetry'],
  workspaces: ['database', 'audit', 'access', 'key-strategies', 'envelope', 'aws'],
  vaults: ['workspaces', 'database', 'audit', 'access', 'key-strategies', 'envelope', 'aws', 'telemetry'],
  drills: ['jobs', 'vaults', 'workspaces', 'database', 'audit', 'access', 'key-strategies', 'envelope'],
  members: ['workspaces', 'database', 'audit', 'access', 'envelope'],
  onboarding: ['workspaces', 'database', 'audit', 'access', 'key-strategies', 'envelope', 'aws'],
  'api-keys': ['boxes', 'members', 'workspaces', 'database', 'audit', 'access', 'envelope'],
  boxes: ['members', 'workspaces', 'database', 'audit', 'access', 'envelope'],
  'sign-in': ['outbound', 'members', 'workspaces', 'limits', 'database', 'audit', 'access', 'envelope', 'aws'],
  'key-health': ['vaults', 'workspaces', 'database', 'audit', 'access', 'key-strategies', 'envelope', 'aws'],
  items: ['boxes', 'members', 'vaults', 'workspaces', 'database', 'audit', 'access', 'key-strategies', 'envelope', 'aws'],
  moving: ['jobs', 'items', 'boxes', 'members', 'vaults', 'workspaces', 'database', 'audit', 'access', 'key-strategies', 'envelope', 'aws'],
};

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'libs-know-no-app', severity: 'error', from: { path: '^libs/' }, to: { path: '^apps/' } },
    {
      name: 'apps-are-strangers',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'sandbox-knows-nothing-of-the-product',
      severity: 'error',
      from: { path: '^apps/aws-sandbox/' },
      to: { path: '^libs/' },
    },
    {
      name: 'libs-only-through-their-front-door',
      severity: 'error',
      from: { path: '^(apps/[^/]+|libs/([^/]+))/' },
      to: { path: '^libs/[^/]+/src/', pathNot: '^libs/(?:$2/|[^/]+/src/(?:index|testing/[^/]+)\\.ts$)' },
    },
    ...Object.entries(ARROWS).map(([from, to]) => ({
      name: `arrows-of-${from}`,
      severity: 'error',
      from: { path: libs(from), pathNot: SPECS },
      to: { path: '^libs/', pathNot: libs(from, ...to) },
    })),
    {
      name: 'envelope-stands-alone',
      severity: 'error',
      from: { path: libs('envelope'), pathNot: SPECS },
      to: { pathNot: `${libs('envelope')}|^(node:)?crypto$|^(node:)?util$` },
    },
    {
      name: 'pure-libs-know-no-framework',
      severity: 'error',
      from: { path: libs('envelope', 'aws', 'key-strategies', 'audit', 'access'), pathNot: SPECS },
      to: { path: 'node_modules/(@nestjs|typeorm|pg|fastify|class-validator|class-transformer)/' },
    },
    {
      name: 'only-the-database-lib-speaks-sql-drivers',
      severity: 'error',
      from: { path: '^(apps/(api|worker)|libs)/', pathNot: `${libs('database')}|${SPECS}` },
      to: { path: 'node_modules/(pg|typeorm)/' },
    },
    {
      name: 'strategies-are-strangers',
      severity: 'error',
      from: { path: '^libs/key-strategies/src/(default|managed|aws-kms)/', pathNot: SPECS },
      to: { path: '^libs/key-strategies/src/(default|managed|aws-kms)/', pathNot: '^libs/key-strategies/src/$1/' },
    },
    {
      name: 'shipped-code-imports-no-testing',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: SPECS },
      to: { path: '/testing/' },
    },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, pathNot: ['\\.config\\.mjs$', 'main\\.ts$', '/page/'] }, to: {} },
    {
      name: 'not-to-dev-dep',
      severity: 'error',
      from: { path: '^(apps/(api|worker)|libs/[^/]+)/src', pathNot: SPECS },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    { name: 'no-undeclared', severity: 'error', from: {}, to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown'] } },
    { name: 'not-to-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    parser: 'tsc',
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
      mainFields: ['module', 'main'],
      extensions: ['.ts', '.js', '.mjs', '.json'],
    },
  },
};
