import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { staticSite } from '../e2e/templates.ts';
import type { World } from '../e2e/world.ts';

export const lineBytes = 100;
const watchedSeconds = 10;

/** The text of a program that prints so many lines a second for ten seconds, each with the time in ms since 1970. */
export const steady = (perSecond: number): string => `const begun = performance.now();
let printed = 0;
const timer = setInterval(() => {
  const seconds = (performance.now() - begun) / 1000;
  let text = '';
  for (; printed < Math.min(seconds, ${watchedSeconds}) * ${perSecond}; printed++) text += (Date.now() + ' ').padEnd(${lineBytes - 1}, '.') + '\\n';
  if (text !== '') require('node:fs').writeSync(1, text);
  if (seconds > ${watchedSeconds}) clearInterval(timer);
}, 5);
`;

/** A service whose tests are this program, and have run once. Answers with where the program lies. */
export async function printer(world: World, name: string, script: string): Promise<string> {
  const path = join(world.folder, `${name}.cjs`);
  writeFileSync(path, script);
  const site = await world.service(name, staticSite(), '--test', `'${process.execPath}' '${path}'`);
  const { run } = await site.push('main:checks');
  if (run !== null) await world.waitFor(run);
  return path;
}

/** Begins the printing once more; the run's number. */
export async function print(world: World, name: string): Promise<number> {
  const { run } = await world.client.call('startRun', { params: { service: name }, body: { branch: 'checks' } });
  return run;
}
