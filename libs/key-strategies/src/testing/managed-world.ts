import { randomUUID } from 'node:crypto';
import { type AwsOptions, ManagedKeyAdministration } from '#aws';
import { type AwsWorld, anAwsWorld } from '../../../aws/src/testing/aws-world.js';
import type { VaultKey, VaultKeyName } from '../contract.js';
import { ManagedKeyMaker } from '../managed/managed-key-maker.js';
import { ManagedStrategy } from '../managed/managed-strategy.js';

export const MAIN = 'us-east-2';
export const REPLICA = 'us-west-2';

/** A sandbox in which the platform's account is set up for managed keys. */
export interface ManagedWorld {
  world: AwsWorld;
  strategy: ManagedStrategy;
  maker: ManagedKeyMaker;
  administration: ManagedKeyAdministration;
  /** Another process: it knows nothing of what this one has in memory. */
  anotherMaker(changes?: Partial<AwsOptions>, usableWithinMs?: number): ManagedKeyMaker;
  /** A key that was made and proved, of a new vault. */
  aKey(): Promise<VaultKey>;
}

export async function aManagedWorld(): Promise<ManagedWorld> {
  const world = await anAwsWorld();
  const roles = world.platform.managedKeys;
  const administration = (changes?: Partial<AwsOptions>) =>
    new ManagedKeyAdministration({ ...world.options(changes), roles, deploymentId: 'keyhold' });
  const own = administration();
  const strategy = new ManagedStrategy(world.aws({ limits: { attemptMs: 300 } }), own);
  const maker = new ManagedKeyMaker(own);
  return {
    world,
    strategy,
    maker,
    administration: own,
    anotherMaker: (changes, usableWithinMs) => new ManagedKeyMaker(administration(changes), usableWithinMs),
    async aKey() {
      const name = aName();
      const candidate: VaultKey = { ...name, strategy: 'managed', config: await maker.make(name, true, []) };
      const { ok, checks, config } = await strategy.open(candidate).probe();
      if (!ok) throw new Error(JSON.stringify(checks));
      return { ...candidate, config };
    },
  };
}

export const aName = (): VaultKeyName => ({ workspaceId: randomUUID(), vaultId: randomUUID(), vaultKeyId: randomUUID() });
