import { execFileSync } from 'node:child_process';
import { describe } from '@jest/globals';

/** Runs `command` to see whether a client is there. In CI both have to be; elsewhere the console tells what was left out. */
export function isInstalled(client: string, command: string, args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (process.env.CI === 'true')
      throw new Error(`${client} has to be installed in CI: ${command} ${args.join(' ')} fails`, { cause: error });
    console.warn(`${client} is not installed here (${command} ${args.join(' ')} fails): its tests against the sandbox were left out.`);
    return false;
  }
}

export const describeWhen = (there: boolean) => (there ? describe : describe.skip);
