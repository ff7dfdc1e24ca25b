import { format, sum } from '@shop/money';
import express from 'express';

export function createApp() {
  const app = express();
  app.use(express.json());
  app.get('/', (_request, response) => {
    response.json({ service: 'checkout', release: process.env.TOWPATH_RELEASE ?? null });
  });
  app.get('/healthz', (_request, response) => response.send('ok'));
  app.post('/totals', (request, response) => {
    const lines = request.body?.lines;
    if (!Array.isArray(lines) || !lines.every(isLine)) {
      return response.status(400).json({ error: 'lines must be a list of {cents, count}' });
    }
    const cents = sum(lines);
    return response.json({ cents, price: format(cents) });
  });
  return app;
}

function isLine(line) {
  return Number.isInteger(line?.cents) && Number.isInteger(line.count);
}
