export { DrillError, type DrillErrorCode } from './drill-error.js';
export { type DrillView, DrillViews } from './drill-view.js';
export { Drills } from './drills.js';
export { LookAtVault } from './look-at-vault.js';
export { RunRegionDrill } from './run-region-drill.js';
export { RunRevocationDrill } from './run-revocation-drill.js';
export { StartDrill } from './start-drill.js';
