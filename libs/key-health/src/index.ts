export { type ClaimedProbe, claimDueProbes, type ProbeTable } from './due-probes.js';
export { healthChangeView, type HealthChangeView, vaultHealthView, type RegionHealthView, type VaultHealthView } from './health-view.js';
export { Prober, type ProberOptions } from './prober.js';
export { ProbeVault } from './probe-vault.js';
