/**
 * Measures Towpath on this machine: `npm run bench -- [--json FILE] [--only NAME,…]`. Prints a table, and writes `{"rows": […]}`.
 * A bar that is missed is told, not an error; a bench that fails is one: exit code 1.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { api } from './api.ts';
import { type Bench, perform, Unable } from './bench.ts';
import { browser } from './browser.ts';
import { burst } from './burst.ts';
import { caches } from './cache.ts';
import { logs } from './logs.ts';
import { memory } from './memory.ts';
import { goModules } from './modules.ts';
import { push } from './push.ts';
import { type Request, readRequest } from './request.ts';
import { rollback } from './rollback.ts';
import { routerCpu } from './router-cpu.ts';
import { type Row, table } from './row.ts';
import { stage } from './stage.ts';
import { trigger } from './trigger.ts';
import { up } from './up.ts';

const benches: Readonly<Record<string, Bench>> = {
  'router-cpu': routerCpu,
  stage,
  push,
  trigger,
  burst: burst('burst', 10, 300_000),
  'burst-1000': burst('burst-1000', 100, 600_000),
  logs,
  browser,
  rollback,
  up,
  api,
  ...caches,
  modules: goModules,
  memory,
};

function asked(): Request {
  try {
    return readRequest(process.argv.slice(2), Object.keys(benches));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  }
}

const { json, names } = asked();
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

const rows: Row[] = [];
let failed = 0;
for (const [name, bench] of Object.entries(benches)) {
  if (!names.includes(name) || stop.signal.aborted) continue;
  const load = `load ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores`;
  console.error(`${name}: ${bench.summary} (${load})`);
  try {
    rows.push(...(await perform(bench, stop.signal)));
  } catch (error) {
    if (!(error instanceof Unable)) failed += 1;
    const why = error instanceof Error ? error.message : String(error);
    console.error(`${name}: ${error instanceof Unable ? 'left out' : 'FAILED'}: ${why}`);
  }
}

process.stdout.write(table(rows));
if (json !== null) writeFileSync(json, `${JSON.stringify({ rows }, null, 2)}\n`);
// What a bench left waiting when it was given up would keep this process for a while.
process.exit(failed > 0 ? 1 : 0);
