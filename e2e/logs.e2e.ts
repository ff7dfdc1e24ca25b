import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withParts } from '../scripts/parts.ts';
import { Orders } from './chaos/orders.ts';
import { kill, pidOf } from './chaos/parts.ts';
import { until } from './chaos/patience.ts';
import { start } from './program.ts';
import { staticSite } from './templates.ts';
import { World } from './world.ts';

const ticks = 120;
/** One line every 50 ms. */
const ticking = `i=0; while [ $i -lt ${ticks} ]; do echo "tick $i"; i=$((i+1)); sleep 0.05; done`;
const allTicks = Array.from({ length: ticks }, (_, index) => `tick ${index}\n`).join('');
const much = 200_000;
/** Lines of 100 bytes, as fast as it goes. */
const flood = `awk 'BEGIN { for (i = 0; i < ${much}; i++) printf "%099d\\n", i }'`;

const cli = fileURLToPath(import.meta.resolve('@towpath/cli/main'));

withParts(['git', 'proc'], () => {
  describe('Given a Towpath that is up, a service whose tests print for a while, and people who watch', () => {
    let world: World;
    let orders: Orders;

    beforeAll(async () => {
      world = World.create();
      orders = Orders.prepare(world);
      await world.up();
      await orders.announce(world);
      await (await world.service('slow', staticSite(), '--test', ticking)).push('main:checks');
      await (await world.service('much', staticSite(), '--test', flood)).push('main:checks');
      await (await world.service('clock', clock(), '--start', 'node clock.js')).push('main');
    });

    afterAll(() => world.end());

    async function begin(service: string): Promise<number> {
      const { run } = await world.client.call('startRun', { params: { service }, body: { branch: 'checks' } });
      await world.waitFor(run, (now) => now.stages.some((each) => each.kind === 'unit' && each.startedAt !== null));
      return run;
    }

    const log = (run: number) => ({ params: { run }, query: { stage: 'unit' } });

    /** What a viewer gets; throws where a byte is missing or doubled. */
    async function view(run: number): Promise<{ text: string; end: unknown }> {
      let text = '';
      for await (const { data, end } of world.client.follow('streamRunLog', log(run))) {
        if (data === undefined) return { text, end };
        expect(data.offset).toBe(Buffer.byteLength(text));
        text += data.text;
      }
      throw new Error('the stream ended without its end');
    }

    const killServer = async () => kill(await pidOf(world, 'server-1'), 'SIGKILL');

    test('When the server is killed under an open stream and an open `logs -f`, Then both go on by themselves', async () => {
      const run = await begin('slow');
      const typed = start(process.execPath, [cli, 'logs', String(run), 'unit', '-f'], {
        cwd: world.folder,
        env: world.env,
      });
      const seen = view(run);
      await until('some lines are there', async () => {
        const { matches } = await world.client.call('searchRunLog', {
          params: { run },
          query: { stage: 'unit', q: 'tick 20' },
        });
        return matches.length > 0 ? true : null;
      });
      await killServer();
      const { text, end } = await seen;
      expect(text.slice(text.indexOf('tick 0\n'))).toBe(allTicks);
      expect(end).toMatchObject({ status: 'succeeded', truncated: false });
      expect((await typed.ended).stdout).toBe(text);
    });

    test.each(['log.read', 'log.stored', 'log.complete'])(
      'When the server dies at %s, Then no byte is missing and none is there twice',
      async (place) => {
        const run = await begin('slow');
        orders.give(place);
        const seen = view(run);
        await until(`somebody passes ${place}`, async () => orders.taken(place));
        const { text } = await seen;
        expect(text.slice(text.indexOf('tick 0\n'))).toBe(allTicks);
        expect((await world.waitFor(run)).status).toBe('succeeded');
      },
    );

    test('When a stage has succeeded, Then all that it printed is there, whoever stopped reading meanwhile', async () => {
      const before = residentMb((await pidOf(world, 'server-1')) ?? 0);
      const { run } = await world.client.call('startRun', { params: { service: 'much' }, body: { branch: 'checks' } });
      const stuck = await stuckReader(run);
      await world.waitFor(run);
      const text: Uint8Array[] = [];
      for await (const piece of await world.client.stream('runLog', log(run))) text.push(piece);
      const lines = Buffer.concat(text)
        .toString()
        .split('\n')
        .filter((line) => /^\d{99}$/.test(line));
      expect(lines).toHaveLength(much);
      expect(lines.every((line, index) => Number(line) === index)).toBe(true);
      expect(residentMb((await pidOf(world, 'server-1')) ?? 0) - before).toBeLessThan(300);
      expect(await stuck()).toContain(`${much - 1}`);

      const found = await world.cli('logs', `${run}`, 'unit', '--search', '199');
      // The command itself is the log's first line.
      const wanted = lines.flatMap((line, index) => (line.includes('199') ? `${index + 2}: ${line}` : []));
      expect(found.stdout.trimEnd().split('\n')).toEqual(wanted);
      const none = await world.cli('logs', `${run}`, 'unit', '--search', 'nowhere');
      expect(none).toMatchObject({ code: 1, stdout: '' });
      expect(none.stderr).toContain(`no line of unit of run #${run} has "nowhere"`);
    });

    test('When the server is killed under `logs -f` of a service, Then what its replicas print comes once, all of it', async () => {
      await until('it is live', async () => ((await world.target('clock', 'staging')).release === null ? null : true));
      const typed = start(process.execPath, [cli, 'logs', '-f', 'clock', '-e', 'staging'], {
        cwd: world.folder,
        env: world.env,
      });
      const numbers = () => [...typed.said().matchAll(/^tock (\d+)$/gm)].map(([, number]) => Number(number));
      const newest = () => numbers().at(-1) ?? 0;
      // What it had printed before comes at once; from then on it is as slow as the clock.
      let before = 0;
      await until('it ticks', async () => {
        const [was, now] = [before, newest()];
        before = now;
        return was > 0 && now > was && now < was + 20 ? true : null;
      });
      await killServer();
      await until('it goes on', async () => (newest() > before + 250 ? true : null));
      typed.child.kill('SIGINT');
      await typed.ended;
      const [first = 0] = numbers();
      expect(numbers()).toEqual(numbers().map((_, index) => first + index));
    });

    /** A viewer that takes nothing; then all of it, which it answers with. */
    async function stuckReader(run: number): Promise<() => Promise<string>> {
      const url = new URL(`/api/runs/${run}/log/stream?stage=unit`, world.is.url);
      const headers = { authorization: `Bearer ${world.is.token}` };
      const { promise, resolve, reject } = Promise.withResolvers<AsyncIterable<Buffer>>();
      get(url, { headers, agent: false }, (response) => resolve(response.pause())).on('error', reject);
      const response = await promise;
      return async () => {
        const pieces: Buffer[] = [];
        for await (const piece of response) pieces.push(piece);
        return Buffer.concat(pieces).toString().slice(-2_000);
      };
    }
  });
});

/** A service that prints a number every 20 ms. */
function clock(): Record<string, string> {
  return {
    'package.json': '{ "name": "clock", "version": "1.0.0", "private": true }\n',
    'clock.js': `let number = 0;
setInterval(() => console.log('tock ' + number++), 20);
require('node:http').createServer((_, response) => response.end('ok')).listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
`,
  };
}

function residentMb(pid: number | null): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid ?? 'self'}/status`, 'utf8'))?.[1] ?? 0) / 1_024;
}
