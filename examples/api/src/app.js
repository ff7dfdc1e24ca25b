import express from 'express';
import { withVat } from './prices.js';

export const version = 'v1';

export function createApp() {
  const app = express();
  app.use(express.json());
  app.get('/', (_request, response) => {
    response.json({ service: 'api', version, release: process.env.TOWPATH_RELEASE ?? null });
  });
  app.get('/healthz', (_request, response) => response.send('ok'));
  app.post('/totals', (request, response) => {
    const { net, vat } = request.body;
    if (!Number.isInteger(net) || !Number.isInteger(vat))
      return response.status(400).json({ error: 'net and vat must be whole numbers' });
    return response.json({ total: withVat(net, vat) });
  });
  return app;
}
