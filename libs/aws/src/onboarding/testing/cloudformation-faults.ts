import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';

const SPEC = loadAwsServiceSpecSync();

interface Template {
  Parameters?: Record<string, unknown>;
  Resources: Record<string, { Type: string; Properties?: Json }>;
  Outputs?: Record<string, unknown>;
}
type Json = Readonly<Record<string, unknown>>;
type Properties = NonNullable<ReturnType<typeof resourceType>>['properties'];
type PropertyType = Properties[string]['type'];

const SECTIONS = ['AWSTemplateFormatVersion', 'Description', 'Metadata', 'Parameters', 'Rules', 'Resources', 'Outputs'];
const RESOURCE_MEMBERS = ['Type', 'Properties', 'DeletionPolicy', 'UpdateReplacePolicy', 'DependsOn', 'Condition', 'Metadata'];

/** What AWS's own description of its resources says against a template: one line for each fault. */
export function cloudFormationFaults(text: string): string[] {
  const template = JSON.parse(text) as Template;
  return [
    ...others('the template', template, SECTIONS),
    ...Object.entries(template.Resources).flatMap(([name, resource]) => resourceFaults(name, resource)),
    ...referenceFaults(template),
  ];
}

function resourceFaults(name: string, resource: { Type: string; Properties?: Json }): string[] {
  const known = resourceType(resource.Type);
  if (!known) return [`${name}: ${resource.Type} is no type of resource`];
  return [...others(name, resource, RESOURCE_MEMBERS), ...propertyFaults(name, resource.Properties ?? {}, known.properties)];
}

function propertyFaults(where: string, given: Json, properties: Properties): string[] {
  const missing = Object.entries(properties).filter(([name, { required }]) => required && !(name in given));
  const values = Object.entries(given).flatMap(([name, value]) =>
    properties[name] ? valueFaults(`${where}.${name}`, value, properties[name].type) : [],
  );
  return [...others(where, given, Object.keys(properties)), ...missing.map(([name]) => `${where}.${name} is missing`), ...values];
}

function valueFaults(where: string, value: unknown, type: PropertyType): string[] {
  if (isFunction(value)) return [];
  const wrong = [`${where} must be ${type.type}`];
  if (type.type === 'string' && type.allowedValues)
    return type.allowedValues.includes(String(value)) ? [] : [`${where} cannot be ${String(value)}`];
  if (type.type === 'string' || type.type === 'boolean') return typeof value === type.type ? [] : wrong;
  if (type.type === 'integer') return Number.isInteger(value) ? [] : wrong;
  if (type.type === 'array')
    return Array.isArray(value) ? value.flatMap((entry, at) => valueFaults(`${where}[${at}]`, entry, type.element)) : wrong;
  if (type.type !== 'ref') return [];
  return typeof value === 'object' ? propertyFaults(where, value as Json, definitionOf(type.reference.$ref)) : wrong;
}

const resourceType = (type: string) => SPEC.lookup('resource', 'cloudFormationType', 'equals', type)[0];
const definitionOf = (id: string): Properties => SPEC.get('typeDefinition', id).properties;

const isFunction = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).some((key) => key === 'Ref' || key.startsWith('Fn::'));

/** Everything that is referred to stands in the template, and has the attribute that is asked for. */
function referenceFaults(template: Template): string[] {
  const names = new Set([...Object.keys(template.Parameters ?? {}), ...Object.keys(template.Resources)]);
  const isKnown = (name: string) => name.startsWith('AWS::') || names.has(name);
  return functionsIn(template).flatMap(([name, argument]) => {
    if (name === 'Fn::GetAtt') return attributeFaults(template, argument as [string, string]);
    const referred =
      name === 'Ref' ? [String(argument)] : [...String(argument).matchAll(/\$\{([^}]*)\}/g)].map(([, inner]) => String(inner));
    return referred.filter((one) => !isKnown(one)).map((one) => `${one} is not in the template`);
  });
}

function attributeFaults({ Resources }: Template, [resource, attribute]: [string, string]): string[] {
  const known = resourceType(Resources[resource]?.Type ?? '');
  return known && attribute in known.attributes ? [] : [`${resource} has no attribute ${attribute}`];
}

function functionsIn(value: unknown): [name: string, argument: unknown][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    ...(['Ref', 'Fn::GetAtt', 'Fn::Sub'].includes(name) ? [[name, inner] as [string, unknown]] : []),
    ...functionsIn(inner),
  ]);
}

const others = (where: string, given: object, known: readonly string[]): string[] =>
  Object.keys(given)
    .filter((name) => !known.includes(name))
    .map((name) => `${where}.${name} is not known`);
