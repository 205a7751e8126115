/** What the environment says; read once, at the start. */
export interface SandboxConfig {
  port: number;
  dataDirectory: string | undefined;
  keyPoolDirectory: string | undefined;
}

const PORT_DEFAULT = 8421;

/** @throws Error with a sentence for whoever started the sandbox */
export function readConfig(environment: NodeJS.ProcessEnv): SandboxConfig {
  const port = Number(environment.KEYHOLD_SANDBOX_PORT ?? PORT_DEFAULT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error('KEYHOLD_SANDBOX_PORT has to be a port number, or 0 for any free one.');
  return {
    port,
    dataDirectory: environment.KEYHOLD_SANDBOX_DATA_DIR || undefined,
    keyPoolDirectory: environment.KEYHOLD_SANDBOX_KEY_POOL || undefined,
  };
}
