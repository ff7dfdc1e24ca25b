import { createApp } from './app.js';
import { openQueue } from './queue.js';

const server = createApp(await openQueue()).listen(Number(process.env.PORT ?? 3000), '127.0.0.1');

process.on('SIGTERM', () => server.close(() => process.exit(0)));
