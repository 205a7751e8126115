export { FinaliseRekeys } from './finalise-rekeys.js';
export type { KeyCalls } from './key-calls.js';
export { MoveItemsJob } from './move-items-job.js';
export type { MoveFilter } from './move-params.js';
export { type MovePlan, type MoveRequest, type OrderedMoves, OrderItemMoves } from './order-item-moves.js';
export { type OrderedRekey, OrderRekey, type RekeyPlan } from './order-rekey.js';
export { RekeyJob } from './rekey-job.js';
export { UndoRekey } from './undo-rekey.js';
