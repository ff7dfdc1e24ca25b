import { type Client, createClient } from '@towpath/client';
import type { DeploymentView, RunSummary } from '@towpath/contract';
import { z } from 'zod';
import type { Output } from '../output.ts';
import { Load, type LoadCount } from './load.ts';
import type { Stage } from './stage.ts';
import { otherExamples } from './toolchains.ts';

export interface Installation {
  readonly url: string;
  readonly routerUrl: string;
  readonly token: string;
  readonly domain: string;
}

/** What was expected of a step and did not come; the demo goes on and says so at its end. */
export interface Told {
  readonly unexpected: readonly string[];
  readonly load: LoadCount;
  readonly runs: readonly RunSummary[];
  readonly deployments: readonly DeploymentView[];
}

const Page = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text);
    } catch {
      context.addIssue('no JSON');
      return z.NEVER;
    }
  })
  .pipe(z.object({ version: z.string().optional(), service: z.string().optional() }));

/** Enough to notice a gap of some milliseconds, little enough for a laptop. */
const requestsPerSecond = 50;
/** Examples in other languages are begun no later than this after the first: the rest of the story takes half a minute. */
const othersWithinMs = 40_000;

/**
 * The main job, told with two services, and once more in other languages: pushed, tested, deployed, approved; a version with failing tests is blocked; one that never gets
 * healthy in production leaves the old one serving; a rollback. Production gets requests all the while.
 */
export async function tellStory(stage: Stage, installation: Installation, output: Output): Promise<Told> {
  const client = createClient({ url: installation.url, token: installation.token });
  const unexpected: string[] = [];
  const began = performance.now();
  const expect = (what: string, is: unknown, wanted: unknown): void => {
    if (is !== wanted) unexpected.push(`${what}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(is)}`);
  };
  const push = async (service: string): Promise<RunSummary> => {
    await stage.push(service);
    return newestRun(client, service);
  };

  stage.scene('Two services, each made ready with one command and shipped with a push');
  for (const service of ['api', 'web']) {
    await stage.repository(service);
    await stage.towpath(service, 'init');
    const run = await push(service);
    expect(`first push of ${service}`, run.status, 'waiting');
    await release(stage, client, service, run);
  }
  stage.scene('The same in other languages, where this machine has them');
  for (const { name, service, missing } of otherExamples(process.env)) {
    const late = performance.now() - began > othersWithinMs;
    const slow = late ? 'for this machine is busy, and the demo is to be short' : null;
    const why = missing !== null ? `it needs ${missing}` : (slow ?? (await other(stage, client, name)));
    if (why === null) expect(`what ${name} answers`, await answers(installation, name, 'service'), service);
    else output.line(`  left out: ${name}, ${why}`);
  }
  output.line('  left out, to be quick: jobs and shop, which lie in examples/ too');
  const load = new Load(
    installation.routerUrl,
    [
      {
        host: `api.${installation.domain}`,
        path: '/',
        body: { path: '/totals', json: '{"net":1000,"vat":21}' },
        stream: null,
      },
      { host: `web.${installation.domain}`, path: '/', body: null, stream: null },
    ],
    requestsPerSecond,
  );
  load.start();
  try {
    stage.scene('A new version of each, while production is asked 50 times a second');
    await stage.commit('api', 'src/app.js', (text) => text.replace("'v1'", "'v2'"), 'Second version of api');
    await release(stage, client, 'api', await push('api'));
    expect('what api answers', await answers(installation, 'api'), 'v2');
    await stage.commit(
      'web',
      'public/index.html',
      (text) => text.replace('Version 1', 'Version 2'),
      'Second version of web',
    );
    await release(stage, client, 'web', await push('web'));

    stage.scene('A mistake: the tests see it, nothing is built, nothing is deployed');
    await stage.commit('api', 'src/prices.js', (text) => text.replace('Math.round', 'Math.floor'), 'Round down');
    const blocked = await push('api');
    expect('the run with failing tests', blocked.status, 'failed');
    await stage.commit(
      'api',
      'src/prices.js',
      (text) => text.replace('Math.floor', 'Math.round'),
      'Round to the nearest cent again',
    );

    stage.scene('Another one that no test sees: in production it never gets ready. The old release goes on serving');
    await stage.commit(
      'api',
      'src/main.js',
      (text) =>
        text.replace(
          'const server',
          "if (process.env.TOWPATH_TARGET?.endsWith('/production')) throw new Error('LICENCE_KEY is not set');\n\nconst server",
        ),
      'Ask for a licence key',
    );
    const unhealthy = await release(stage, client, 'api', await push('api'));
    expect('the run that never gets ready', unhealthy.status, 'failed');
    expect('what api answers after it', await answers(installation, 'api'), 'v2');

    stage.scene('A person takes production back to the release before: nothing is built');
    await stage.towpath('api', 'rollback', 'api', '--reason', 'customers report wrong totals');
    expect('what api answers after the rollback', await answers(installation, 'api'), 'v1');
  } finally {
    await load.stop();
  }
  expect('failed requests', load.count.failed, 0);
  for (const line of unexpected) output.warn(line);
  const { runs } = await client.call('listRuns', { query: { limit: 200 } });
  const { deployments } = await client.call('listDeployments', { query: { limit: 200 } });
  return { unexpected, load: load.count, runs, deployments: deployments.toReversed() };
}

/** Ships an example once. Why it is left out: its own registry may be out of reach where npm's is not. */
async function other(stage: Stage, client: Client, name: string): Promise<string | null> {
  await stage.repository(name);
  await stage.towpath(name, 'init');
  await stage.push(name);
  const run = await release(stage, client, name, await newestRun(client, name));
  const unprepared = run.status === 'failed' && run.reason?.startsWith('prepare') === true;
  return unprepared ? `its dependencies could not be installed (${run.reason})` : null;
}

async function newestRun(client: Client, service: string): Promise<RunSummary> {
  const { runs } = await client.call('listRuns', { query: { service, limit: 1 } });
  const [run] = runs;
  if (run === undefined) throw new Error(`the push of ${service} gave no run`);
  return run;
}

/** Says yes, and waits for what comes of it. */
async function release(stage: Stage, client: Client, service: string, run: RunSummary): Promise<RunSummary> {
  if (run.status !== 'waiting') return run;
  await stage.towpath(service, 'approve', String(run.run));
  await stage.towpath(service, 'wait', String(run.run));
  return (await client.call('getRun', { params: { run: run.run } })) satisfies RunSummary;
}

/** What the service's own page tells, its version or who it is, asked for as a user would; null when it tells nothing. */
async function answers(
  { routerUrl, domain }: Installation,
  service: string,
  field: 'version' | 'service' = 'version',
): Promise<unknown> {
  const { request } = await import('node:http');
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  request(routerUrl, { headers: { host: `${service}.${domain}` } }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    response.on('end', () => resolve(text));
  })
    .on('error', reject)
    .end();
  const body = Page.safeParse(await promise);
  return body.data?.[field] ?? null;
}
