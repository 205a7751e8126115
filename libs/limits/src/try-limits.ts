/** At most so many tries that failed, or are not decided yet, in any span of so many seconds. */
export interface TryLimit {
  triesMax: number;
  seconds: number;
}

export interface TryLimits {
  /** One account, wherever the tries come from. */
  account: readonly TryLimit[];
  /** One account from one address: tighter, so that one address alone cannot use up an account's tries. */
  accountHere: readonly TryLimit[];
  /** One address, whatever it tries. */
  address: readonly TryLimit[];
  /** One workspace, whoever tries. */
  workspace: readonly TryLimit[];
}

const MINUTES = 60;
const HOUR = 60 * MINUTES;

/** Those of accounts are fixed; those of addresses and workspaces, in 5 minutes, are the installation's. */
export function tryLimits({ perAddress, perWorkspace }: { perAddress: number; perWorkspace: number }): TryLimits {
  return {
    account: [
      { triesMax: 10, seconds: 5 * MINUTES },
      { triesMax: 100, seconds: HOUR },
    ],
    accountHere: [
      { triesMax: 5, seconds: 5 * MINUTES },
      { triesMax: 30, seconds: HOUR },
    ],
    address: [{ triesMax: perAddress, seconds: 5 * MINUTES }],
    workspace: [{ triesMax: perWorkspace, seconds: 5 * MINUTES }],
  };
}
