import { once } from 'node:events';
import type { Node } from './service.js';

/** Waits until a process has written `text` to its log: lines leave a moment after what they tell. */
export async function logged(node: Node, text: string): Promise<void> {
  while (!node.log().includes(text)) await once(node.process.stdout ?? node.process, 'data');
}
