import express from 'express';

export function createApp(queue) {
  const app = express();
  app.use(express.json());
  app.get('/', (_request, response) => {
    response.json({ service: 'jobs', release: process.env.TOWPATH_RELEASE ?? null });
  });
  app.get('/healthz', (_request, response) => response.send('ok'));
  app.post('/receipts', async (request, response) => {
    const { buyer, lines } = request.body ?? {};
    if (typeof buyer !== 'string' || !Array.isArray(lines) || !lines.every(isLine)) {
      return response.status(400).json({ error: 'buyer must be a name, lines a list of {name, cents}' });
    }
    const id = await queue.add({ buyer, lines });
    return response.status(202).location(`/receipts/${id}`).json({ id });
  });
  app.get('/receipts/:id', async (request, response) => {
    const job = await queue.look(request.params.id);
    return job === null ? response.status(404).json({ error: 'no such receipt' }) : response.json(job);
  });
  return app;
}

function isLine(line) {
  return typeof line?.name === 'string' && Number.isInteger(line.cents);
}
