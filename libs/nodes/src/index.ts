export {
  BEAT_MS,
  buryGoneNodes,
  GONE_AFTER_SECONDS,
  liveNodes,
  type LiveNode,
  NODE_KINDS,
  type NodeKind,
  type NodeTable,
  OwnNode,
} from './nodes.js';
