import { type AddressInfo } from 'node:net';
import { readConfig, type SandboxConfig } from './config.js';
import { MemoryKeyPool } from './kms/key-pool.js';
import { DirectoryKeyPool } from './kms/key-pool-directory.js';
import { Sandbox } from './sandbox.js';
import { sandboxServer } from './server.js';
import { StateDirectory } from './state/state-directory.js';

const HOST = '127.0.0.1';

async function start({ port, dataDirectory, keyPoolDirectory }: SandboxConfig): Promise<void> {
  const sandbox = new Sandbox(keyPoolDirectory === undefined ? new MemoryKeyPool() : new DirectoryKeyPool(keyPoolDirectory));
  const state = dataDirectory === undefined ? undefined : await StateDirectory.open(dataDirectory, sandbox);
  const server = sandboxServer({ sandbox, save: () => state?.save() ?? Promise.resolve() });
  server.once('error', (error) => fail(startFailure(error, port)));
  server.listen(port, HOST, () => {
    console.log(`aws-sandbox listening on http://${HOST}:${(server.address() as AddressInfo).port}`);
  });
  const stop = () => {
    server.close();
    server.closeAllConnections();
    void (state?.saveAll() ?? Promise.resolve()).then(
      () => process.exit(0),
      (error: unknown) => fail(`aws-sandbox could not save its state: ${String(error)}`),
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

const startFailure = (error: NodeJS.ErrnoException, port: number): string =>
  error.code === 'EADDRINUSE'
    ? `aws-sandbox: port ${port} is taken; set KEYHOLD_SANDBOX_PORT to a free one.`
    : `aws-sandbox could not listen: ${error.message}`;

function fail(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}

try {
  await start(readConfig(process.env));
} catch (error) {
  fail(error instanceof Error ? error.message : String(error));
}
