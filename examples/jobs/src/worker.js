import { setTimeout as pause } from 'node:timers/promises';
import { openQueue } from './queue.js';
import { workOff } from './work.js';

const idleMs = 500;
const stopping = new AbortController();
process.on('SIGTERM', () => stopping.abort());

const queue = await openQueue();
while (!stopping.signal.aborted) {
  const done = await workOff(queue, stopping.signal);
  if (done > 0) console.log(`wrote ${done} receipts`);
  await pause(idleMs, null, { signal: stopping.signal }).catch(() => {});
}
