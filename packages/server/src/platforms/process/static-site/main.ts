/** `PORT=… node main.ts <folder>`: serves the folder's files. On SIGTERM it finishes what it has begun and ends with 0. */
import { createServer } from 'node:http';
import { siteHandler } from './site.ts';

/** Longer than the router keeps an idle connection, so that no request meets a closing one. */
const keepAliveMs = 75_000;
const closeIdleMs = 50;

const [folder] = process.argv.slice(2);
const port = Number(process.env.PORT);
if (folder === undefined || !Number.isInteger(port) || port < 1)
  throw new Error('usage: PORT=<number> node main.ts <folder>');

const server = createServer({ keepAliveTimeout: keepAliveMs }, await siteHandler(folder));
server.listen(port, '127.0.0.1', () => process.stdout.write(`serves ${folder} on 127.0.0.1:${port}\n`));

process.once('SIGTERM', () => {
  // A connection is idle again only after its answer: those that were busy are closed as they get there.
  const closing = setInterval(() => server.closeIdleConnections(), closeIdleMs);
  server.close(() => {
    clearInterval(closing);
    process.stdout.write('stopped\n');
  });
});
