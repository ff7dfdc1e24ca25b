/** `node app.ts <folder> <script as JSON>`: an app of the platforms' conformance suite. */
import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { AppScript } from '../../script.ts';

const [folder = '.', source = '{}'] = process.argv.slice(2);
const script: AppScript = JSON.parse(source);

process.on('SIGTERM', () => {
  if (script.onTerm === 'end') process.exit(0);
  if (script.onTerm === 'ignore') return;
  setInterval(() => {
    if (!existsSync(join(folder, `gate-${script.gate}`))) return;
    process.stdout.write('finished\n');
    process.exit(0);
  }, 10);
});

process.stdout.write('begun\n');
if (script.tellsEnv === true) process.stdout.write(`${JSON.stringify(process.env)}\n`);
if (script.exits !== undefined) process.exit(script.exits);

if (script.listens === 'nowhere') setInterval(() => undefined, 60_000);
else {
  const life = `${process.pid} ${Date.now()}`;
  createServer((_, response) => {
    response.setHeader('connection', 'close');
    response.end(JSON.stringify({ life, cwd: process.cwd(), env: process.env }));
  }).listen(script.listens === 'PORT' ? Number(process.env.PORT) : 0);
}
