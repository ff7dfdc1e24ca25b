/**
 * `npm run screenshots -- FOLDER`: pictures of every page, with nothing, something and much in it, wide and narrow, dark and light.
 * With `--url URL --token TOKEN` of an installation that was filled before, that is looked at; `--keep` leaves the one that was made running until Ctrl-C.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { World } from '../world.ts';
import { type Look, launch, open } from './browser.ts';
import { many } from './many.ts';
import { seed } from './seed.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: '' },
    look: { type: 'string', default: '' },
    keep: { type: 'boolean', default: false },
    url: { type: 'string' },
    token: { type: 'string' },
  },
});
const folder = resolve(positionals[0] ?? 'screenshots');
mkdirSync(folder, { recursive: true });
const looks: readonly Look[] = [390, 1440].flatMap((width) => [
  { width, scheme: 'dark' } as const,
  { width, scheme: 'light' } as const,
]);

interface Shot {
  readonly name: string;
  readonly path: string;
  readonly press?: string;
  readonly board?: 'many';
}

const browser = await launch();

async function fromNothing(): Promise<void> {
  const world = World.create();
  try {
    const { url, token } = await world.up();
    await shoot(url, token, empty);
    const seeded = await seed(world);
    console.log(JSON.stringify({ url, token, ...seeded }));
    await shoot(url, token, full(seeded));
  } finally {
    // Left to be looked at again, until this is ended.
    if (values.keep) await new Promise((resolve) => process.once('SIGINT', resolve));
    await world.end();
  }
}

const empty: readonly Shot[] = [
  { name: 'empty-board', path: '/' },
  { name: 'empty-runs', path: '/runs' },
  { name: 'empty-approvals', path: '/approvals' },
  { name: 'empty-jobs', path: '/jobs' },
  { name: 'empty-activity', path: '/activity' },
];

function full({
  failed,
  waiting,
  running,
  succeeded,
  job,
}: Record<'failed' | 'waiting' | 'running' | 'succeeded' | 'job', number>): Shot[] {
  return [
    { name: 'run-running', path: `/runs/${running}` },
    { name: 'board', path: '/' },
    { name: 'board-many', path: '/', board: 'many' },
    { name: 'run-failed', path: `/runs/${failed}` },
    { name: 'run-waiting', path: `/runs/${waiting}` },
    { name: 'run-succeeded', path: `/runs/${succeeded}#build` },
    { name: 'approvals', path: '/approvals' },
    { name: 'approve', path: `/runs/${waiting}`, press: 'Approve' },
    { name: 'runs', path: '/runs' },
    { name: 'service', path: '/services/shop/billing' },
    { name: 'service-troubled', path: '/services/shop/search' },
    { name: 'service-empty', path: '/services/shop/docs' },
    { name: 'logs', path: '/services/shop/billing/logs/production' },
    { name: 'logs-empty', path: '/services/shop/docs/logs/production' },
    { name: 'jobs', path: '/jobs' },
    { name: 'job', path: `/jobs/${job}` },
    { name: 'activity', path: '/activity' },
    { name: 'releases', path: '/services/shop/billing/releases/production' },
    { name: 'rollback', path: '/services/shop/billing', press: 'Roll back' },
    { name: 'system', path: '/system' },
    { name: 'nowhere', path: '/nothing/here' },
  ];
}

/** The runs of an installation that was filled before. */
async function found(url: string, token: string): Promise<Shot[]> {
  const answer = await fetch(new URL('/api/runs?limit=200', url), { headers: { authorization: `Bearer ${token}` } });
  const { runs } = (await answer.json()) as { runs: { run: number; status: string; service: string }[] };
  const of = (status: string, service?: string): number =>
    runs.find((run) => run.status === status && (service === undefined || run.service === service))?.run ?? 1;
  return full({
    failed: of('failed', 'api'),
    waiting: of('waiting', 'web'),
    running: of('running'),
    succeeded: of('succeeded', 'api'),
    job: 1,
  });
}

async function shoot(url: string, token: string, shots: readonly Shot[]): Promise<void> {
  for (const look of looks) {
    if (!`${look.width}-${look.scheme}`.includes(values.look)) continue;
    const context = await open(browser, look, token);
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') console.log(`${page.url()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => console.log(`${page.url()}: ${error.stack ?? error.message}`));
    for (const { name, path, press, board } of shots) {
      if (!name.includes(values.only)) continue;
      if (board === 'many') await page.route('**/api/status', many);
      await page.goto(new URL(path, url).href);
      await page.locator('h1').waitFor();
      if (press !== undefined) await page.getByRole('button', { name: press, exact: true }).first().click();
      await page.waitForTimeout(600);
      await page.screenshot({ path: join(folder, `${name}-${look.width}-${look.scheme}.png`) });
      await page.unroute('**/api/status');
      // A hash alone does not load the page again.
      await page.goto('about:blank');
    }
    await context.close();
  }
}

try {
  if (values.url !== undefined && values.token !== undefined)
    await shoot(values.url, values.token, await found(values.url, values.token));
  else await fromNothing();
} finally {
  await browser.close();
}
