import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from '@cdktf/hcl2json';

/** What `terraform providers schema` tells of these types, of the provider hashicorp/aws 5.100.0. */
const PROVIDER = JSON.parse(
  readFileSync(resolve('libs/aws/src/onboarding/testing/terraform-aws-provider-5.100.0.json'), 'utf8'),
) as Readonly<Record<string, { required: string[]; optional: string[]; blocks: string[] } | undefined>>;

/** Of Terraform itself, for every resource. */
const META = ['provider', 'lifecycle', 'depends_on', 'count', 'for_each'];

type Json = Readonly<Record<string, unknown>>;
type Blocks = Readonly<Record<string, Readonly<Record<string, Json[]>>>>;

/** By kind of block, as hcl2json tells it. */
export interface Module {
  terraform?: Json[];
  variable?: Readonly<Record<string, Json[]>>;
  provider?: Readonly<Record<string, Json[]>>;
  data?: Blocks;
  resource?: Blocks;
  output?: Readonly<Record<string, Json[]>>;
}
const SECTIONS = ['terraform', 'variable', 'provider', 'data', 'resource', 'output'];

/** Throws what the parser of HCL says against the text. */
export async function terraformModuleOf(text: string): Promise<Module> {
  return (await parse('main.tf', text)) as Module;
}

/** What the provider's own description of its resources says against a module: one line for each fault. */
export async function terraformFaults(text: string): Promise<string[]> {
  const module = await terraformModuleOf(text);
  const resources = blocksOf(module.resource ?? {}, '');
  const data = blocksOf(module.data ?? {}, 'data.');
  const known = new Set([
    ...[...resources, ...data].map(({ name }) => name),
    ...Object.keys(module.variable ?? {}).map((name) => `var.${name}`),
  ]);
  const providers = new Set((module.provider?.['aws'] ?? []).map(({ alias }) => `\${aws.${String(alias)}}`));
  return [
    ...Object.keys(module)
      .filter((section) => !SECTIONS.includes(section))
      .map((section) => `${section} is no section`),
    ...[...resources, ...data].flatMap((block) => blockFaults(block, providers)),
    ...referencesIn(module)
      .filter((name) => !known.has(name))
      .map((name) => `${name} is not in the module`),
  ];
}

interface Block {
  name: string;
  type: string;
  body: Json;
}

const blocksOf = (blocks: Blocks, prefix: string): Block[] =>
  Object.entries(blocks).flatMap(([type, named]) =>
    Object.entries(named).map(([name, [body = {}]]) => ({ name: `${prefix}${type}.${name}`, type: `${prefix}${type}`, body })),
  );

function blockFaults({ name, type, body }: Block, providers: ReadonlySet<string>): string[] {
  const schema = PROVIDER[type];
  if (!schema) return [`${name}: ${type} is no type of resource`];
  const allowed = [...META, ...schema.required, ...schema.optional, ...schema.blocks];
  return [
    ...Object.keys(body)
      .filter((argument) => !allowed.includes(argument))
      .map((argument) => `${name}.${argument} is not known`),
    ...schema.required.filter((argument) => !(argument in body)).map((argument) => `${name}.${argument} is missing`),
    ...(providers.has(String(body['provider'])) ? [] : [`${name} has no provider of the module`]),
  ];
}

/** In expressions; what stands behind a name's attribute is the provider's to know. */
function referencesIn(value: unknown): string[] {
  if (typeof value === 'string')
    return [...value.matchAll(/\$\{(.*?)\}/gs)].flatMap(([, expression = '']) =>
      [...expression.matchAll(/\b(var\.\w+|data\.\w+\.\w+|aws_\w+\.\w+)/g)].map(([name]) => name),
    );
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(referencesIn) : [];
}
