import { createApp } from './app.js';

const server = createApp().listen(Number(process.env.PORT ?? 3000), '127.0.0.1');

process.on('SIGTERM', () => server.close(() => process.exit(0)));
