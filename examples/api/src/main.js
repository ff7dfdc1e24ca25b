import { createApp } from './app.js';

const server = createApp().listen(Number(process.env.PORT ?? 3000), '127.0.0.1');

// Towpath sends no new request before it asks a replica to end; those that are open may finish.
process.on('SIGTERM', () => server.close(() => process.exit(0)));
