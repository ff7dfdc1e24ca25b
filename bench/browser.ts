import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { launch, open } from '../e2e/screenshots/browser.ts';
import { chromium } from '../scripts/parts.ts';
import { type Bench, Unable } from './bench.ts';
import { print, printer, steady } from './printer.ts';
import { atMost, quantile, type Row } from './row.ts';

const buildDashboard = join(import.meta.dirname, '../scripts/build-dashboard.ts');
const speeds = [
  ['slow', 20],
  ['fast', 10_000],
] as const;

/** How old a line is when it is on the screen of somebody who has the run's page open. */
export const browser: Bench = {
  summary: "a line's way from the program to the page of a browser, at 20 and at 10,000 lines a second",
  limitMs: 180_000,
  async run(scope) {
    if (!existsSync(chromium)) throw new Unable(`needs ${chromium}`);
    await promisify(execFile)(process.execPath, [buildDashboard]);
    const world = scope.world();
    const { url, token } = await world.up();
    const window = await launch();
    scope.defer(() => window.close());
    const rows: Row[] = [];
    for (const [name, perSecond] of speeds) {
      await printer(world, name, steady(perSecond));
      const context = await open(window, { width: 1440, scheme: 'dark' }, token);
      const page = await context.newPage();
      const run = await print(world, name);
      await page.goto(`${url}/runs/${run}#unit`);
      const ages = page.evaluate<number[]>(agesOnScreen);
      await world.waitFor(run);
      await page.evaluate('globalThis.over = true');
      const seen = await ages;
      await context.close();
      if (seen.length === 0) throw new Error(`the page of run #${run} showed no line`);
      rows.push(
        atMost(150, {
          name: `browser-age-${name}`,
          value: quantile(seen, 0.99),
          unit: 'ms p99',
          against: `p50 ${quantile(seen, 0.5).toFixed(0)} ms, ${seen.length} looks at the newest line`,
        }),
      );
    }
    return rows;
  },
};

/**
 * Runs in the page: at each frame that brought a newer line, the age of the newest one in ms; until `over` is set. What is told of a frame
 * is on the screen with the next. What was printed before the page was open is not news.
 */
const agesOnScreen = `new Promise((resolve) => {
  const ages = [];
  let newest = 0;
  const look = () => {
    if (globalThis.over) return resolve(ages);
    const text = document.querySelector('[role="log"]')?.textContent ?? '';
    const last = Math.max(newest, ...[...text.matchAll(/(\\d{13}) \\./g)].map((match) => Number(match[1])));
    if (last > newest && newest > 0) ages.push(Date.now() - last);
    newest = last;
    requestAnimationFrame(look);
  };
  look();
})`;
