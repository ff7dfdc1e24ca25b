import { format } from '@shop/money';
import express from 'express';

const goods = new Map([
  ['rope', { name: 'Rope', cents: 1250 }],
  ['lamp', { name: 'Lamp', cents: 899 }],
]);

export function createApp() {
  const app = express();
  app.get('/', (_request, response) => {
    response.json({ service: 'catalog', release: process.env.TOWPATH_RELEASE ?? null });
  });
  app.get('/healthz', (_request, response) => response.send('ok'));
  app.get('/goods', (_request, response) => response.json([...goods.keys()]));
  app.get('/goods/:id', (request, response) => {
    const found = goods.get(request.params.id);
    if (found === undefined) return response.status(404).json({ error: 'not in the catalog' });
    return response.json({ ...found, price: format(found.cents) });
  });
  return app;
}
