import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { withParts } from '../scripts/parts.ts';
import { audit } from './audit.ts';
import type { Repository } from './repository.ts';
import { launch } from './screenshots/browser.ts';
import { api, brokenCart, mendedCart } from './screenshots/services.ts';
import { World } from './world.ts';

withParts(['git', 'proc', 'chromium'], () => {
  let world: World;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let shop: Repository;
  /** What the browser complained about: scripts that failed, things that the page's policy forbids. */
  const complaints: string[] = [];

  beforeAll(async () => {
    world = World.create();
    const { url, token } = await world.up();
    browser = await launch();
    context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of 401/.test(message.text())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error.stack)));
    shop = await world.service('api', api, '--yes');
    await page.goto('/');
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('link', { name: 'api', exact: true }).waitFor();
  });

  afterAll(async () => {
    await browser?.close();
    await world?.end();
  });

  afterEach(() => {
    expect(complaints.splice(0)).toEqual([]);
  });

  const stage = (name: string, status: string) =>
    page.getByRole('navigation', { name: 'Stages' }).getByRole('button', { name: `${name} ${status}` });

  describe('Given somebody who is signed in', () => {
    test('When they push, then the board and the run move by themselves, up to the question for production', async () => {
      const pushed = shop.push();
      await page.getByRole('link', { name: /#1/ }).click();
      await stage('unit', 'succeeded').waitFor();
      await stage('deploy staging', 'succeeded').waitFor();
      await stage('approval production', 'waiting').waitFor();
      expect((await pushed).code).toBe(0);
    });

    test('When they approve with a comment, then it goes live, and the board says that everything is fine', async () => {
      await page.getByRole('button', { name: 'Approve', exact: true }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Comment').fill("it's fine");
      expect(await dialog.getByRole('button', { name: /^Copy the command/ }).textContent()).toContain(
        `towpath approve 1 --comment 'it'\\''s fine'`,
      );
      await dialog.getByRole('button', { name: 'Approve', exact: true }).click();
      await stage('deploy production', 'succeeded').waitFor();
      await page.keyboard.press('g');
      await page.keyboard.press('b');
      await page.getByRole('heading', { name: 'Everything is fine' }).waitFor();
    });

    test('When a test fails, then the run shows its name and message, and the log opens where it is told', async () => {
      await shop.commit('Round tax as the tax office does', brokenCart);
      await shop.push();
      await page.getByRole('link', { name: /#2/ }).click();
      const failures = page.getByRole('list', { name: 'Failed tests' });
      await failures.getByText('books have less tax').waitFor();
      expect(await failures.textContent()).toContain('70 !== 700');
      const line = page.getByRole('log').getByText('not ok 2 - books have less tax');
      await line.waitFor();
      const bottom = async () => ((await line.boundingBox())?.y ?? Number.NaN) + 20;
      await expect.poll(bottom, { timeout: 30_000 }).toBeLessThanOrEqual(page.viewportSize()?.height ?? 0);
      await page.getByLabel('Search in the log').fill('NOT OK');
      await page.getByText(/^1 of \d+$/).waitFor();
      const number = (await page.locator('[data-marked] button').textContent()) ?? '';
      await page.locator('[data-marked] button').click();
      expect(new URL(page.url()).hash).toBe(`#unit:${number}`);
      await page.reload();
      await page.locator('[data-marked]').getByText('not ok 2').waitFor();
    });

    test('When they mend it, then the next run waits for them; and the failed one is rerun from unit as attempt 2', async () => {
      await page.getByRole('button', { name: 'Rerun from unit', exact: true }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Rerun', exact: true }).click();
      await page.getByLabel('Attempt').waitFor();
      await page.getByLabel('Attempt').selectOption('1');
      expect(new URL(page.url()).hash).toBe('#unit@1');
      await shop.commit('Give books their own tax', mendedCart);
      const pushed = shop.push();
      await page.goto('/approvals');
      await page.getByRole('heading', { name: 'One run waits for you' }).waitFor();
      expect((await pushed).code).toBe(0);
      await page.getByRole('button', { name: 'Approve', exact: true }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Approve', exact: true }).click();
      await page.getByRole('heading', { name: 'Nothing waits for you' }).waitFor();
      await world.waitFor(3, ({ status }) => status === 'succeeded');
    });

    test('When they roll back, then they are told what happens, v1 is back as v3, and production is held', async () => {
      await page.goto('/services/main/api/releases/production');
      await page.getByRole('button', { name: 'Roll back to it', exact: true }).click();
      const dialog = page.getByRole('dialog');
      expect(await dialog.textContent()).toContain('production is held');
      await dialog.getByLabel('Reason').fill('wrong totals');
      await dialog.getByRole('button', { name: 'Roll back', exact: true }).click();
      const back = page.getByRole('listitem').filter({ hasText: 'rollback to v1' });
      await back.getByText('live, healthy').waitFor();
      expect((await world.who('api.localhost')).release).toBe('v3');
      await page.goto('/services/main/api');
      await page.getByText(/Held by .*: wrong totals/).waitFor();
    });

    test('When the server is replaced under the open page, then it says so, and goes on by itself', async () => {
      await page.goto('/');
      await page.getByRole('heading', { level: 1 }).waitFor();
      const { 'server-1': pid } = await world.pids();
      if (pid === undefined) throw new Error('no server runs');
      process.kill(pid, 'SIGKILL');
      await world.client
        .call('hold', { params: { service: 'api', environment: 'staging' }, body: { reason: 'later' } })
        .catch(() =>
          world.waitFor(3).then(() =>
            world.client.call('hold', {
              params: { service: 'api', environment: 'staging' },
              body: { reason: 'later' },
            }),
          ),
        );
      await page.getByText('held').nth(1).waitFor();
      // Nobody answered for a moment, and the browser says so; the page goes on.
      expect(complaints.splice(0).filter((each) => !each.startsWith('Failed to load resource'))).toEqual([]);
    });
  });

  describe('Given somebody on call', () => {
    const production = { service: 'api', environment: 'production' };
    const log = () => page.getByRole('log');

    test('When they look at the logs, then all that replicas print comes by itself, each line with its replica, over releases', async () => {
      await page.goto('/services/main/api');
      await page.getByRole('link', { name: 'Logs' }).nth(1).click();
      await page.getByRole('heading', { name: 'Logs of production' }).waitFor();
      await world.ask('api.localhost', '/env?first');
      await log().locator('div', { hasText: 'v3 http 1GET /env?first' }).last().waitFor();
      const { deployment } = await world.client.call('setConfig', { params: production, body: { config: { A: '1' } } });
      if (deployment !== null) await world.deployed(deployment);
      await world.ask('api.localhost', '/env?second');
      await log().locator('div', { hasText: 'v4 http 1GET /env?second' }).last().waitFor();
      await page.getByLabel('Search in the log').fill('SECOND');
      await page.getByText('1 of 1').waitFor();
    });

    test('When a job runs, then they find it, see what it prints, and cancel it', async () => {
      await page.goto('/jobs');
      const body = { command: ['sh', '-c', 'echo begun; sleep 300'] };
      await world.client.call('exec', { params: production, body });
      await page.getByRole('link', { name: /sh … running/ }).click();
      await log().getByText('begun').waitFor();
      await page.getByRole('button', { name: 'Cancel', exact: true }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Cancel the job' }).click();
      await page.getByText('cancelled by').waitFor();
    });

    test('When they search a log that has not come yet, then the server finds the line', async () => {
      await page.route('**/log/stream**', () => {});
      await page.goto('/runs/2#unit@1');
      await page.getByLabel('Search in the log').fill('BOOKS HAVE less');
      await page.getByText(/^1 of \d+$/).waitFor();
      await page.getByText(/^Line \d+, not loaded yet$/).waitFor();
      await page.unroute('**/log/stream**');
    });

    test('When they ask what happened, then it is told in sentences, and goes on by itself', async () => {
      await page.goto('/activity');
      await page.getByLabel('Service').selectOption('main/api');
      const row = (text: string) => page.getByRole('listitem').filter({ hasText: text });
      await row("approved productionit's fine").waitFor();
      await row('v3 is live in production, a rollback').waitFor();
      await row('changed the config of productionA').waitFor();
      await world.client.call('unhold', { params: production });
      await row('lifted the hold on production').waitFor();
      await page.goBack();
    });

    test('When they open a release, then it tells what it changed by name', async () => {
      await page.goto('/services/main/api/releases/production');
      await page.getByRole('listitem').filter({ hasText: 'config change' }).getByText('added A').waitFor();
    });
  });

  test('the first page weighs 200 kB at most, packed', () => {
    const dist = join(import.meta.dirname, '../packages/dashboard/dist/current');
    const first = readFileSync(join(dist, 'index.html'), 'utf8').matchAll(/(?:src|href)="(\/[^"]+\.(?:js|css))"/g);
    const bytes = [...first].reduce((sum, [, path = '']) => sum + statSync(join(dist, `${path}.gz`)).size, 0);
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThanOrEqual(200_000);
  });

  describe('Given every page, dark and light, wide and narrow', () => {
    const paths = [
      '/',
      '/runs',
      '/runs/1',
      '/runs/2',
      '/approvals',
      '/activity',
      '/jobs',
      '/jobs/1',
      '/services/main/api',
      '/services/main/api/releases/staging',
      '/services/main/api/logs/production',
      '/system',
      '/nothing',
    ];
    test.each([
      { scheme: 'dark', width: 390, rule: null },
      { scheme: 'dark', width: 1280, rule: null },
      // Between dark and light only colours differ.
      { scheme: 'light', width: 390, rule: 'color-contrast' },
    ] as const)(
      'axe finds nothing, and nothing is wider than the window: $scheme, $width px',
      async ({ scheme, width, rule }) => {
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        await page.setViewportSize({ width, height: 800 });
        for (const path of paths) {
          await page.goto(path);
          await page.getByRole('heading', { level: 1 }).waitFor();
          await page.waitForTimeout(300);
          expect({ path, found: await audit(page, rule) }).toEqual({ path, found: [] });
          expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth'), path).toBeLessThanOrEqual(0);
        }
      },
    );

    test('axe finds nothing in a question, the search and the keys', async () => {
      await page.goto('/services/main/api');
      const open = [
        () => page.getByRole('button', { name: 'Roll back', exact: true }).first().click(),
        () => page.keyboard.press('Control+k'),
        () => page.keyboard.press('?'),
      ];
      for (const each of open) {
        await each();
        await page.getByRole('dialog').waitFor();
        await page.waitForTimeout(200);
        expect(await audit(page)).toEqual([]);
        await page.keyboard.press('Escape');
        await page.getByRole('dialog').waitFor({ state: 'detached' });
      }
    });
  });

  describe('Given somebody who signs out', () => {
    test('then the door is shown, whatever the address', async () => {
      await page.goto('/runs/1');
      await page.getByRole('button', { name: /^Account/ }).click();
      await page.getByRole('menuitem', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'Sign in to Towpath' }).waitFor();
      expect(await audit(page)).toEqual([]);
      await page.reload();
      await page.getByRole('heading', { name: 'Sign in to Towpath' }).waitFor();
    });
  });
});
