const HOST = /^([0-9a-f-]{36})\.(.+?)(?::[0-9]{1,5})?$/;

/** The workspace of a host name `<workspace id>.<suffix>`: a claim like one in a path. Undefined for every other host. */
export function workspaceOfHost(host: string | undefined, suffix: string | undefined): string | undefined {
  const [, workspaceId, rest] = HOST.exec(host?.toLowerCase() ?? '') ?? [];
  return suffix !== undefined && rest === suffix ? workspaceId : undefined;
}

const STS_IDENTITY = /^\/+(?:cerberus\/+([^/?#]*)\/+)?v2\/+auth\/+sts-identity\/*(?=$|\?)/;

/**
 * The address as the router knows it. Base addresses that end with a slash, as some clients want them, make two of one; what is
 * no address of the Cerberus API is left alone, letter by letter.
 */
export const cerberusUrl = (url: string): string =>
  url.replace(
    STS_IDENTITY,
    (_whole, workspace?: string) => `${workspace === undefined ? '' : `/cerberus/${workspace}`}/v2/auth/sts-identity`,
  );
