import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { RunDetail } from '@towpath/contract';
import type { World } from '../e2e/world.ts';
import type { Bench } from './bench.ts';
import { lineBytes, print, printer, steady } from './printer.ts';
import { atMost, quantile, type Row } from './row.ts';

const lines = 200_000;
const viewers = 50;
const turns = 3;

/** Prints as fast as it can. */
const bulk = `const line = (i) => String(i).padStart(${lineBytes - 1}, '.') + '\\n';
for (let i = 0; i < ${lines}; i += 1000)
  require('node:fs').writeSync(1, Array.from({ length: 1000 }, (_, k) => line(i + k)).join(''));
`;

/** What a log costs the stage that prints it, and how old a line is when a viewer gets it. */
export const logs: Bench = {
  summary: `${lines} lines of ${lineBytes} bytes; a line's way to a viewer; ${viewers} viewers`,
  limitMs: 400_000,
  async run(scope) {
    const world = scope.world();
    await world.up();
    const bulkPath = await printer(world, 'bulk', bulk);
    await printer(world, 'slow', steady(20));
    await printer(world, 'fast', steady(10_000));
    const bare: number[] = [];
    const alone: number[] = [];
    const watched: number[] = [];
    for (let turn = 0; turn < turns; turn++) {
      bare.push(await bareMs(world, bulkPath));
      alone.push(await stageMs(world, 0));
      watched.push(await stageMs(world, viewers));
    }
    const over = quantile(alone, 0.5) - quantile(bare, 0.5);
    const rows: Row[] = [
      atMost(2_000, {
        name: 'logs-bulk',
        value: over,
        unit: 'ms over bare',
        against: `the bare command: ${quantile(bare, 0.5).toFixed(0)} ms`,
      }),
      atMost(1.1, {
        name: 'logs-viewers',
        value: quantile(watched, 0.5) / quantile(alone, 0.5),
        unit: `× with ${viewers} viewers`,
        against: `with none: ${quantile(alone, 0.5).toFixed(0)} ms`,
      }),
    ];
    for (const name of ['slow', 'fast']) {
      const ages = await agesOf(world, name);
      rows.push(
        atMost(150, {
          name: `logs-age-${name}`,
          value: quantile(ages, 0.99),
          unit: 'ms p99',
          against: `p50 ${quantile(ages, 0.5).toFixed(0)} ms, ${ages.length} lines`,
        }),
      );
    }
    return rows;
  },
};

async function bareMs(world: World, path: string): Promise<number> {
  const out = openSync(join(world.folder, 'bare.out'), 'w');
  const begun = performance.now();
  await once(spawn(process.execPath, [path], { stdio: ['ignore', out, 'ignore'] }), 'close');
  closeSync(out);
  return performance.now() - begun;
}

/** One stage that prints all lines, with so many viewers from its beginning on. Throws when one of them did not get all. */
async function stageMs(world: World, count: number): Promise<number> {
  const run = await print(world, 'bulk');
  const views = Array.from({ length: count }, () => view(world, run));
  const ended = await world.waitFor(run);
  if (count === 0) views.push(view(world, run));
  for (const bytes of await Promise.all(views)) {
    if (bytes < lines * lineBytes) throw new Error(`a viewer of run #${run} got ${bytes} bytes`);
  }
  return stageTook(ended);
}

async function view(world: World, run: number): Promise<number> {
  let bytes = 0;
  for await (const { data } of world.client.follow('streamRunLog', { params: { run }, query: { stage: 'unit' } })) {
    if (data === undefined) break;
    if (data.offset !== bytes) throw new Error(`a viewer of run #${run} got ${data.offset} behind ${bytes}`);
    bytes = data.next;
  }
  return bytes;
}

function stageTook({ run, status, reason, stages }: RunDetail): number {
  const found = stages.find((each) => each.kind === 'unit');
  if (status !== 'succeeded' || !found?.startedAt || !found.endedAt)
    throw new Error(`run #${run} ${status}: ${reason}`);
  return Date.parse(found.endedAt) - Date.parse(found.startedAt);
}

/** How old each line is when a viewer gets it, in ms. */
async function agesOf(world: World, service: string): Promise<number[]> {
  const run = await print(world, service);
  const ages: number[] = [];
  let held = '';
  for await (const { data } of world.client.follow('streamRunLog', { params: { run }, query: { stage: 'unit' } })) {
    const now = Date.now();
    if (data === undefined) break;
    const all = (held + data.text).split('\n');
    held = all.pop() ?? '';
    for (const line of all) if (/^\d{13} /.test(line)) ages.push(now - Number(line.slice(0, 13)));
  }
  return ages;
}
