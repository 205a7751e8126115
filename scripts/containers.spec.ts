import { describe, expect, test } from '@jest/globals';
import { existsSync, readFileSync } from 'node:fs';
import { load } from 'js-yaml';

interface Service {
  image?: string;
  build?: { context: string; target: string };
  command?: string[];
  environment?: Record<string, string>;
  healthcheck?: { test: string[] };
  restart?: string;
  volumes?: string[];
  secrets?: string[];
  ports?: string[];
  depends_on?: Record<string, { condition: string }>;
}
interface Composition {
  services: Partial<Record<string, Service>>;
  volumes: Record<string, null>;
  secrets: Record<string, { environment: string }>;
}
interface Stage {
  name: string;
  base: string;
  lines: string[];
}

const compositionText = readFileSync('docker-compose.yml', 'utf8');
const composition = load(compositionText) as Composition;
const services = Object.entries(composition.services as Record<string, Service>);
const stages = stagesOf(readFileSync('Dockerfile', 'utf8'));
const ignoreRules = readFileSync('.dockerignore', 'utf8').split('\n');

function stagesOf(dockerfile: string): Stage[] {
  const parts = dockerfile.split(/^FROM /m).slice(1);
  return parts.map((part) => {
    const [from = '', ...lines] = part.split('\n').filter((line) => line.trim() && !line.startsWith('#'));
    const [base = '', name = ''] = from.split(' AS ');
    return { name, base, lines };
  });
}

const stage = (name: string): Stage => stages.find((each) => each.name === name) ?? { name: 'missing', base: '', lines: [] };
const copies = ({ lines }: Stage) => lines.filter((line) => line.startsWith('COPY ')).map((line) => line.split(/\s+/).slice(1));
const isOneShot = ({ restart }: Service) => restart === 'no';

describe('Dockerfile', () => {
  const fromContext = stages.flatMap((each) =>
    copies(each)
      .filter(([first]) => !first.startsWith('--from='))
      .flatMap((words) => words.slice(0, -1)),
  );

  test.each(fromContext)('copies %s, which exists and is part of the build context', (source) => {
    expect(existsSync(source)).toBe(true);
    expect(ignoreRules).toContain(`!${source}`);
  });

  test('takes files only from stages that it has', () => {
    const sources = stages.flatMap((each) =>
      copies(each).flatMap(([first]) => (first.startsWith('--from=') ? [first.slice('--from='.length)] : [])),
    );
    const names = stages.map(({ name }) => name);
    expect(sources.filter((source) => !names.includes(source))).toEqual([]);
  });

  test.each(['service', 'sandbox', 'tools'])('ends %s as a user who is not root', (name) => {
    expect(stage(name).lines.findLast((line) => line.startsWith('USER '))).toBe('USER node');
  });

  test('puts neither the sandbox nor development packages nor scripts into the production image', () => {
    const copied = copies(stage('service')).join(' ');
    expect(copied).not.toMatch(/aws-sandbox|scripts|--from=packages/);
    expect(stage('production-packages').lines.join(' ')).toContain('--omit=dev');
    expect(stage('service').base).toBe('node:24-slim');
  });
});

describe('docker-compose.yml', () => {
  test('describes PostgreSQL 18, API, worker, sandbox and the migration', () => {
    expect(Object.keys(composition.services)).toEqual(expect.arrayContaining(['postgres', 'api', 'worker', 'sandbox', 'migrate']));
    expect(composition.services['postgres']?.image).toBe('postgres:18');
  });

  test.each(services)('%s is built from a stage that exists, or is an image of a fixed major version', (_name, { build, image }) => {
    if (build) expect(stages.map(({ name }) => name)).toContain(build.target);
    else expect(image).toMatch(/:\d+$/);
  });

  test.each(services)('%s waits only for services that exist, and in a way that they can satisfy', (_name, { depends_on = {} }) => {
    for (const [name, { condition }] of Object.entries(depends_on)) {
      const other = composition.services[name];
      const isSatisfiable = other && (isOneShot(other) ? condition === 'service_completed_successfully' : other.healthcheck !== undefined);
      expect([name, isSatisfiable]).toEqual([name, true]);
    }
  });

  test.each(services)('%s mounts only volumes and secrets that are declared', (_name, { volumes = [], secrets = [] }) => {
    expect(volumes.map((mount) => mount.split(':')[0]).filter((name) => !(name in composition.volumes))).toEqual([]);
    expect(secrets.filter((name) => !(name in composition.secrets))).toEqual([]);
  });

  test.each(services)('%s is reached from this machine only', (_name, { ports = [] }) => {
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  test('publishes the port of the API and no other: metrics stay on the loopback of the containers', () => {
    expect(services.flatMap(([, { ports = [] }]) => ports)).toEqual(['127.0.0.1:8420:8420']);
    expect(compositionText).not.toContain('KEYHOLD_METRICS_HOST');
  });

  test.each(services)('%s has no password, key or token in its environment or command', (_name, { environment = {}, command = [] }) => {
    const names = Object.keys(environment).filter((name) => /PASSWORD|SECRET|TOKEN|_KEY|DATABASE/.test(name) && !name.endsWith('_FILE'));
    expect(names).toEqual([]);
    expect(command.join(' ')).not.toMatch(/password|token/i);
  });

  test('has no password that would be used when none is given', () => {
    expect(compositionText).not.toMatch(/\$\{[^}]*:?-/);
    expect(composition.secrets).toEqual({ postgres_password: { environment: 'KEYHOLD_POSTGRES_PASSWORD' } });
  });

  test.each(['api', 'worker'])('gives %s its own settings and no others', (name) => {
    expect(composition.services[name]?.volumes).toEqual([`${name}-settings:/settings/${name}:ro`]);
  });
});
