import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import pg from 'pg';
import { z } from 'zod';
import { staticSite } from '../e2e/templates.ts';
import type { World } from '../e2e/world.ts';
import type { Bench } from './bench.ts';
import { atMost, quantile, type Row } from './row.ts';

const services = 1_000;
const runs = 100_000;
/** In each of two environments of each service. */
const releases = 20;
const warm = 20;
const asked = 200;
const barMs = 50;

/** The pages that CLI and dashboard open, over the router, on one connection. */
const pages: readonly (readonly [name: string, path: string])[] = [
  ['board-100', '/api/status?limit=100'],
  ['board-all', '/api/status'],
  ['service', '/api/services/service-500'],
  ['runs', '/api/runs?limit=50'],
  ['runs-of-service', '/api/runs?service=service-500&limit=50'],
  ['runs-failed', '/api/runs?status=failed&limit=50'],
  ['runs-none', '/api/runs?status=cancelled&limit=50'],
  ['runs-of-branch', '/api/runs?branch=topic-7&limit=50'],
  ['runs-of-author', '/api/runs?author=author-3&limit=50'],
  ['runs-since', `/api/runs?since=${encodeURIComponent(new Date(Date.now() - 3_600_000).toISOString())}&limit=50`],
  ['runs-entering', '/api/runs?environment=production&limit=50'],
  ['run', `/api/runs/${runs / 2}`],
  ['releases', '/api/services/service-500/environments/production/releases?limit=20'],
  ['deployments', '/api/deployments?limit=20'],
  ['deployments-of-service', '/api/deployments?service=service-500&limit=20'],
  ['events', `/api/events?after=${runs}&limit=100`],
  ['events-of-run', `/api/events?subject=run%2F${runs / 2}&limit=100`],
];

/** Pages of an installation with many services and runs; all but one run are copies of a real one, made in the database. */
export const api: Bench = {
  summary: `API pages at ${services} services and ${runs} runs, ${asked} times each`,
  limitMs: 900_000,
  async run(scope) {
    const world = scope.world();
    await world.up();
    const site = await world.service('site', staticSite());
    const { run } = await site.push();
    if (run === null) throw new Error('the push began no run');
    await world.waitFor(run);
    await fill(world);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    scope.defer(() => agent.destroy());
    const rows: Row[] = [];
    for (const [name, path] of pages) {
      const values: number[] = [];
      let bytes = 0;
      for (let turn = 0; turn < warm + asked; turn++) {
        const begun = performance.now();
        bytes = await get(world, agent, path);
        if (turn >= warm) values.push(performance.now() - begun);
      }
      const against = `p50 ${quantile(values, 0.5).toFixed(1)} ms, ${Math.round(bytes / 1000)} kB`;
      rows.push(atMost(barMs, { name: `api-${name}`, value: quantile(values, 0.99), unit: 'ms p99', against }));
    }
    return rows;
  },
};

/** The bytes of the answer. */
function get(world: World, agent: Agent, path: string): Promise<number> {
  const { url, token } = world.is;
  return new Promise((resolve, reject) => {
    request(new URL(path, url), { agent, headers: { authorization: `Bearer ${token}` } }, (response) => {
      let bytes = 0;
      response.on('data', (piece: Buffer) => {
        bytes += piece.length;
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(bytes);
        else reject(new Error(`${path} is answered with ${response.statusCode}`));
      });
    })
      .on('error', reject)
      .end();
  });
}

async function fill(world: World): Promise<void> {
  const file = join(world.data, 'config/server-1.json');
  const { databaseUrl } = z.object({ databaseUrl: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8')));
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    for (const statement of copies) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Everything but ids, names and times is what the real service has. */
const copies = [
  `insert into services (project_id, name, settings)
   select project_id, 'service-' || n, settings from services, generate_series(1, ${services - 1}) n where services.name = 'site'`,
  `insert into targets (service_id, environment_id)
   select s.id, e.id from services s join environments e on e.project_id = s.project_id where s.name <> 'site'`,
  `insert into runs (service_id, branch, commit, settings, layers, message, author, trigger, requested_by, status, reason, revision,
     artifact_digest, created_at, started_at, ended_at)
   select s.id, case when n % 10 = 0 then 'topic-' || n % 97 else 'main' end, r.commit, r.settings, r.layers, 'Change ' || n,
     'author-' || n % 30, 'push', 'owner', case when n % 13 = 0 then 'failed' else 'succeeded' end, r.reason, 20, r.artifact_digest,
     t, t, t + interval '1 minute'
   from generate_series(1, ${runs - 1}) n
     join lateral (select now() - (${runs} - n) * interval '1 minute' as t) as at on true
     join (select id, row_number() over (order by id) as place from services where name <> 'site') s
       on s.place = n % ${services - 1} + 1,
   (select * from runs order by id limit 1) r`,
  `insert into stages (run_id, index, plan, status, reason, attempt, started_at, ended_at)
   select runs.id, s.index, s.plan, 'succeeded', s.reason, 1, runs.started_at, runs.ended_at
   from runs, stages s where s.run_id = 1 and runs.id > 1`,
  `insert into attempts (run_id, index, attempt, key, status, started_at, ended_at)
   select run_id, index, 1, run_id || ':' || index || ':1', status, started_at, ended_at from stages where run_id > 1`,
  `insert into releases (target_id, version, artifact_digest, commit, config, sealed, cause, run_id, created_by)
   select t.id, n, r.artifact_digest, r.commit, r.config, r.sealed, 'run', null, 'owner'
   from targets t, generate_series(1, ${releases}) n, (select * from releases order by id limit 1) r
   where not exists (select 1 from releases where target_id = t.id)`,
  `insert into deployments (target_id, release_id, from_release_id, cause, strategy, plan, status, requested_by, max_weight, started_at, ended_at)
   select r.target_id, r.id, null, 'run', d.strategy, d.plan, 'succeeded', 'owner', 100, now(), now()
   from releases r, (select * from deployments order by id limit 1) d where r.id > 1`,
  `insert into ledger (deployment_id, step, what, data)
   select d.id, l.step, l.what, l.data from deployments d, ledger l where l.deployment_id = 1 and d.id > 1`,
  `update targets set release_id = (select max(id) from releases where target_id = targets.id) where release_id is null`,
  `insert into events (project_id, name, actor, subject, data)
   select 1, name, 'towpath', 'run/' || n, '{"service": "service-1"}'
   from generate_series(2, ${runs}) n, unnest(array['run.queued', 'run.started', 'stage.started', 'stage.ended', 'run.ended']) name`,
  'vacuum analyze',
];
