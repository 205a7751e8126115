export { BoxError, type BoxErrorCode } from './box-error.js';
export { findLiveBoxId } from './box-store.js';
export { type FirstBox, firstBox } from './first-box.js';
