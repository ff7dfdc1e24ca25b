import { folder, openQueue } from './queue.js';

// Before a release goes live, at least once: doing it twice changes nothing.
await openQueue();
console.log(`the queue is in ${folder}`);
