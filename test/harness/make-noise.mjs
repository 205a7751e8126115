// A process of its own that asks one thing again and again, at an even pace whatever is answered: what it takes to make noise
// must not be measured with what the noise does, nor its own start. Told what to ask by its parent, it answers the statuses when it is told to stop.
import { Buffer } from 'node:buffer';
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const statuses = [];
const underWay = new Set();
let isOver = false;

process.once('disconnect', () => process.exit());
process.on('message', (message) => {
  if (message === 'stop') isOver = true;
  else void makeNoise(message);
});

process.send('ready');

async function makeNoise({ url, method, headers, body, everyMs }) {
  const agent = new Agent({ keepAlive: true });
  const bytes = body === undefined ? undefined : Buffer.from(body);
  for (let due = performance.now(); !isOver; due += everyMs) {
    await delay(Math.max(0, due - performance.now()));
    const sending = send(url, { agent, method, headers: { ...headers, 'content-length': bytes?.length ?? 0 } }, bytes);
    underWay.add(sending);
    void sending.finally(() => underWay.delete(sending));
  }
  await Promise.all(underWay);
  process.send(statuses, () => process.exit());
}

/** An answer may come before all of the body has gone, and the connection with it. */
function send(url, options, bytes) {
  return new Promise((settled) => {
    const sent = request(url, options, (answer) => {
      statuses.push(answer.statusCode);
      answer.resume().once('close', settled);
    });
    sent.once('error', settled);
    sent.end(bytes);
  });
}
