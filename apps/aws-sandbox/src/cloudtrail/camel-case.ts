/** CloudTrail writes the members of requests and answers with a small first letter: `AWSAccountId` becomes `aWSAccountId`. */
export function camelCased(value: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name.charAt(0).toLowerCase() + name.slice(1), cased(member)]));
}

function cased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(cased);
  return typeof value === 'object' && value !== null ? camelCased(value as Record<string, unknown>) : value;
}
